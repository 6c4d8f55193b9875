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
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * An S3 server that takes and gives bytes as fast as the machine moves them: it drops what it is
 * sent, remembers sizes and checksums, and serves {@link Pattern} for every object; only small
 * objects are kept in memory and served as they came, or all, if it is told so, and of large ones
 * those that it finds in a directory. It checks neither signatures nor checksums. Each request can
 * be made to wait, as if the server were far away.
 *
 * <p>One thread accepts, and one serves each connection; a connection over the limit waits. Listens
 * on loopback only.
 */
public final class Sink implements AutoCloseable {
  private static final int MAX_CONNECTIONS = 256;

  private final ServerSocketChannel server;
  private final SinkObjects objects;
  private final SinkTraffic traffic = new SinkTraffic();
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
  private final Semaphore free = new Semaphore(MAX_CONNECTIONS);

  private Sink(ServerSocketChannel server, SinkObjects objects) {
    this.server = server;
    this.objects = objects;
  }

  /**
   * Runs until standard input ends, so that it does not outlive who started it. Answers the lines
   * {@code delay} with a number of milliseconds; {@code traffic}, with the numbers of reads and of
   * bytes served so far; {@code begin}, from when on is counted what {@code taken} tells; and
   * {@code clear}, which forgets all objects.
   *
   * @param args how many bytes to keep, 0 for small objects only; the directory with the contents
   *     of large objects, or nothing
   */
  public static void main(String[] args) throws IOException {
    Optional<Path> contents = args.length == 1 ? Optional.empty() : Optional.of(Path.of(args[1]));
    try (Sink sink = start(Long.parseLong(args[0]), contents);
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

  /**
   * Listens on a free port when this returns.
   *
   * @param keepBytes of objects, 0 for small ones only
   * @param contents a directory with the contents of large objects by their keys
   */
  static Sink start(long keepBytes, Optional<Path> contents) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Sink sink = new Sink(server, new SinkObjects(keepBytes, contents));
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
    return switch (line) {
      case "traffic" -> traffic.served().reads() + " " + traffic.served().bytes();
      case "begin" -> {
        traffic.begin();
        yield "done";
      }
      case "taken" -> {
        SinkTaken taken = traffic.taken();
        yield taken.requests() + " " + taken.bytes() + " " + taken.busyMillis();
      }
      case "clear" -> {
        objects.clear();
        System.gc(); // What was kept lies outside of the heap, whose size says nothing of it.
        yield "done";
      }
      default -> "unknown: " + line;
    };
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
