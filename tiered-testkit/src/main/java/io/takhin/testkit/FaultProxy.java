package io.takhin.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP proxy on loopback, in front of an S3 server, that counts and that fails as it is told to.
 *
 * <p>Give its {@link #endpoint()} to the client in place of the server's. Requests are passed on
 * with their headers as they came, {@code Host} included, so a server that checks signatures still
 * accepts them; only {@code Expect} is answered here. It speaks HTTP/1.1 in the clear, and tells
 * operations apart in path style only.
 *
 * <p>Each client connection has a thread and a connection of its own to the server, at most {@value
 * #MAX_CONNECTIONS}; further clients are hung up on. {@link #close()} ends them all, hanging ones
 * included.
 */
public final class FaultProxy implements AutoCloseable {
  private static final int MAX_CONNECTIONS = 128;
  private static final int HTTP_PORT = 80;
  private static final Duration LONGEST_HANG = Duration.ofMinutes(1);
  private static final Duration CLOSE_TIMEOUT = Duration.ofMinutes(1);

  private final InetSocketAddress target;
  private final FaultList<ProxyRequest, ProxyEffect> faults = new FaultList<>();
  private final Set<ProxyConnection> connections = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      new ThreadPoolExecutor(
          0,
          MAX_CONNECTIONS + 1, // and one that accepts
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          task -> {
            Thread thread = new Thread(task, "fault-proxy");
            thread.setDaemon(true);
            return thread;
          });
  private final int port;
  private final TrafficCounter traffic = new TrafficCounter();

  /** Null while the proxy is down. */
  @GuardedBy("this")
  private @Nullable Listening listening;

  /** Has the port while the proxy is down, so that nobody else is given it, and refuses. */
  @GuardedBy("this")
  private @Nullable Socket placeholder;

  /** A socket, and what accepts from it until it is closed. */
  private record Listening(ServerSocket socket, Future<?> accepting) {}

  private FaultProxy(InetSocketAddress target, int port) {
    this.target = target;
    this.port = port;
  }

  /**
   * Starts a proxy on a free port.
   *
   * @param server the server's address, {@code http} only
   */
  public static FaultProxy start(URI server) throws IOException {
    if (!"http".equals(server.getScheme()) || server.getHost() == null) {
      throw new IllegalArgumentException("expected http://host:port, got " + server);
    }
    int serverPort = server.getPort() < 0 ? HTTP_PORT : server.getPort();
    ServerSocket socket = listen(0);
    InetSocketAddress target = new InetSocketAddress(server.getHost(), serverPort);
    FaultProxy proxy = new FaultProxy(target, socket.getLocalPort());
    proxy.acceptOn(socket);
    return proxy;
  }

  /** Where clients connect. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Begins a fault on some operations; on all of them when none is named. */
  public ProxyRule on(S3Operation... operations) {
    Set<S3Operation> chosen =
        operations.length == 0
            ? EnumSet.allOf(S3Operation.class)
            : EnumSet.copyOf(List.of(operations));
    return new ProxyRule(faults, chosen, LONGEST_HANG);
  }

  /** The server is down: connections end, and new ones are refused. */
  public void goDown() throws IOException {
    synchronized (this) {
      if (listening != null) {
        listening.socket().close();
        // The system goes on listening for as long as a thread is in the call that accepts.
        awaitEnd(listening.accepting());
        listening = null;
        placeholder = keep(port);
      }
    }
    connections.forEach(ProxyConnection::close);
  }

  /** The server is up again, at the same address. */
  public synchronized void comeUp() throws IOException {
    if (listening == null) {
      acceptOn(listen(port));
      letPortGo();
    }
  }

  /** What has passed since the start or the last {@link #resetTraffic()}. */
  public ProxyTraffic traffic() {
    return traffic.snapshot();
  }

  /** Counts from zero. What is passing at this moment may be counted or not. */
  public void resetTraffic() {
    traffic.reset();
  }

  /** How often any fault has struck. */
  public int fired() {
    return faults.fired();
  }

  /**
   * Requires that every fault has struck at least once.
   *
   * @throws AssertionError naming the faults that have not
   */
  public void assertAllFired() {
    faults.assertAllFired();
  }

  @Override
  public void close() throws IOException {
    threads.shutdown();
    faults.releaseAll();
    goDown();
    letPortGo();
    try {
      if (!threads.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("connections still open after " + CLOSE_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while closing", e);
    }
  }

  private static ServerSocket listen(int port) throws IOException {
    ServerSocket listener = new ServerSocket();
    try {
      listener.setReuseAddress(true); // The same port again, right after going down.
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return listener;
    } catch (IOException e) {
      listener.close();
      throw e;
    }
  }

  /** Binds and does not listen, which other sockets that may reuse the address do not mind. */
  private static Socket keep(int port) throws IOException {
    Socket placeholder = new Socket();
    try {
      placeholder.setReuseAddress(true);
      placeholder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return placeholder;
    } catch (IOException e) {
      placeholder.close();
      throw e;
    }
  }

  private static void awaitEnd(Future<?> accepting) throws IOException {
    try {
      accepting.get(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while going down", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the port is still listened on after " + CLOSE_TIMEOUT, e);
    }
  }

  private synchronized void letPortGo() throws IOException {
    if (placeholder != null) {
      placeholder.close();
      placeholder = null;
    }
  }

  private synchronized void acceptOn(ServerSocket socket) {
    listening = new Listening(socket, threads.submit(() -> acceptFrom(socket)));
  }

  private void acceptFrom(ServerSocket from) {
    while (!from.isClosed()) {
      try {
        serve(from, from.accept());
      } catch (IOException e) {
        // The listener was closed, which ends the loop, or a client left before it was accepted.
      }
    }
  }

  private void serve(ServerSocket from, Socket client) {
    ProxyConnection connection = new ProxyConnection(client, target, faults, traffic);
    connections.add(connection);
    try {
      threads.execute(
          () -> {
            try {
              connection.run();
            } finally {
              connections.remove(connection);
            }
          });
    } catch (RejectedExecutionException e) {
      connections.remove(connection);
      connection.close(); // Too many, or closing: the client is hung up on, as announced.
    }
    if (from.isClosed()) {
      connection.close(); // Accepted just before going down, after the others were closed.
    }
  }
}
