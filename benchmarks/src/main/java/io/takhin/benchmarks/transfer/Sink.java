package io.takhin.benchmarks.transfer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * An S3 server that takes and gives bytes as fast as the machine moves them: it drops what it is
 * sent, remembers sizes and checksums, and serves {@link Pattern} for every object; only small
 * objects are kept and served as they came. It checks neither signatures nor checksums. Each
 * request can be made to wait, as if the server were far away.
 *
 * <p>One thread accepts, and one serves each connection; a connection over the limit waits. Listens
 * on loopback only.
 */
public final class Sink implements AutoCloseable {
  private static final int MAX_CONNECTIONS = 256;

  private final ServerSocketChannel server;
  private final SinkObjects objects = new SinkObjects();
  private final SinkTraffic traffic = new SinkTraffic();
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
  private final Semaphore free = new Semaphore(MAX_CONNECTIONS);

  private Sink(ServerSocketChannel server) {
    this.server = server;
  }

  /**
   * Runs until standard input ends, so that it does not outlive who started it. Answers the lines
   * {@code delay} with a number of milliseconds, and {@code traffic}, with the numbers of reads and
   * of bytes served so far.
   */
  public static void main(String[] args) throws IOException {
    try (Sink sink = start();
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println("ready " + sink.endpoint().getPort());
      String line = lines.readLine();
      while (line != null) {
        System.out.println(sink.obey(line));
        line = lines.readLine();
      }
    }
  }

  /** Listens on a free port when this returns. */
  static Sink start() throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Sink sink = new Sink(server);
    Thread thread = new Thread(sink::accept, "sink-accept");
    thread.setDaemon(true);
    thread.start();
    return sink;
  }

  URI endpoint() throws IOException {
    InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
    return URI.create("http://127.0.0.1:" + address.getPort());
  }

  private String obey(String line) {
    if (line.startsWith("delay ")) {
      traffic.delay(Long.parseLong(line.substring("delay ".length())));
      return "done";
    }
    return line.equals("traffic")
        ? traffic.served().reads() + " " + traffic.served().bytes()
        : "unknown: " + line;
  }

  /** What may be changed, and was counted, while this runs. */
  SinkTraffic traffic() {
    return traffic;
  }

  private void accept() {
    try {
      while (true) {
        free.acquire();
        SocketChannel channel = server.accept();
        connections.add(channel);
        Thread thread = new Thread(() -> serve(channel), "sink-connection");
        thread.setDaemon(true);
        thread.start();
      }
    } catch (ClosedChannelException e) {
      // Closed by close().
    } catch (IOException | InterruptedException e) {
      System.err.println("sink: accepts no more: " + e);
    }
  }

  private void serve(SocketChannel channel) {
    try (channel) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      new SinkConnection(channel, objects, traffic).serve();
    } catch (ClosedChannelException e) {
      // Closed by close().
    } catch (IOException | RuntimeException e) {
      // The client sees a broken connection and says so; here it is one that went away.
      System.err.println("sink: connection ended: " + e);
    } finally {
      connections.remove(channel);
      free.release();
    }
  }

  /** Connections break. */
  @Override
  public void close() throws IOException {
    server.close();
    for (SocketChannel connection : connections) {
      connection.close();
    }
  }
}
