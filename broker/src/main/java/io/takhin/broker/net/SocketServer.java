package io.takhin.broker.net;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens on one address, and gives every connection a thread, up to a bound. */
public final class SocketServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SocketServer.class);
  private static final Duration IDLE_LIMIT = Duration.ofMinutes(10);
  private static final Duration STUCK_LIMIT = Duration.ofSeconds(60);
  private static final long SWEEP_MILLIS = 1_000;
  private static final long CUT_GRACE_MILLIS = 2_000;
  private static final long ACCEPT_PAUSE_MILLIS = 100;

  private final ServerSocketChannel listener;
  private final int maxConnections;
  private final int maxRequestBytes;
  private final RequestMemory memory;
  private final Map<Connection, Thread> connections = new ConcurrentHashMap<>();
  private final AtomicLong accepted = new AtomicLong();
  private final int port;
  private volatile boolean stopping;

  /**
   * Binds; clients may connect, and are served when {@link #serve} is called.
   *
   * @throws IOException naming the address when it cannot be bound
   */
  public SocketServer(InetSocketAddress address, int maxConnections, int maxRequestBytes)
      throws IOException {
    this.maxConnections = maxConnections;
    this.maxRequestBytes = maxRequestBytes;
    this.memory =
        new RequestMemory(Math.max(maxRequestBytes, Runtime.getRuntime().maxMemory() / 4));
    this.listener = ServerSocketChannel.open();
    try {
      listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      listener.bind(address);
    } catch (BindException | UnresolvedAddressException e) {
      listener.close();
      BindException refused =
          new BindException(
              "cannot listen on "
                  + address.getHostString()
                  + ":"
                  + address.getPort()
                  + ": "
                  + (address.isUnresolved() ? "unknown host" : e.getMessage()));
      refused.initCause(e);
      throw refused;
    } catch (IOException | RuntimeException e) {
      listener.close();
      throw e;
    }
    this.port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
  }

  /** Starts to accept connections, and has their requests answered. */
  public void serve(RequestHandler handler) {
    thread("takhin-accept", () -> acceptAll(handler)).start();
    thread("takhin-connections", this::sweepAll).start();
  }

  private static Thread thread(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    return thread;
  }

  /** The port that is listened on. */
  public int port() {
    return port;
  }

  /** Whether clients can connect: from construction to {@link #stopAccepting}. */
  public boolean isListening() {
    return listener.isOpen();
  }

  private void acceptAll(RequestHandler handler) {
    while (!stopping) {
      try {
        accept(listener.accept(), handler);
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException | RuntimeException | OutOfMemoryError e) {
        // Out of descriptors or threads: the ones in use are served on, new ones are tried again.
        LOG.warn("connection not accepted", e);
        pause(ACCEPT_PAUSE_MILLIS);
      }
    }
  }

  private void accept(SocketChannel socket, RequestHandler handler) throws IOException {
    try {
      if (connections.size() >= maxConnections) {
        LOG.warn(
            "connection refused: client={} reason=all {} connections are in use",
            socket.getRemoteAddress(),
            maxConnections);
        socket.close();
        return;
      }
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      String id = socket.getRemoteAddress() + "#" + accepted.incrementAndGet();
      Connection connection = new Connection(socket, id, handler, memory, maxRequestBytes);
      Thread thread = thread("takhin-client-" + id, () -> serve(connection));
      connections.put(connection, thread);
      thread.start();
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      socket.close();
      connections.values().removeIf(thread -> thread.getState() == Thread.State.NEW);
      throw e;
    }
  }

  private void serve(Connection connection) {
    try {
      connection.run();
    } catch (OutOfMemoryError e) {
      LOG.error("connection closed: out of memory while serving it", e);
    } finally {
      connections.remove(connection);
    }
  }

  private void sweepAll() {
    while (!stopping) {
      for (Connection connection : connections.keySet()) {
        try {
          connection.endIfStuck(System.nanoTime(), IDLE_LIMIT.toNanos(), STUCK_LIMIT.toNanos());
        } catch (IOException e) {
          LOG.debug("connection was already ending", e);
        }
      }
      pause(SWEEP_MILLIS);
    }
  }

  private void pause(long millis) {
    synchronized (connections) {
      try {
        if (!stopping) {
          connections.wait(millis);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        stopping = true;
      }
    }
  }

  /** Accepts no more connections, ends the idle ones, and the others after their request. */
  public void stopAccepting() {
    stopping = true;
    synchronized (connections) {
      connections.notifyAll();
    }
    try {
      listener.close();
    } catch (IOException e) {
      LOG.warn("listening socket not closed", e);
    }
    connections.keySet().forEach(SocketServer::finish);
  }

  /** Waits for the requests that are being served, and cuts the connections that take longer. */
  public void drain(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!connections.isEmpty() && System.nanoTime() < deadline) {
      // Again each turn: a connection may have become idle just after it was asked to finish.
      connections.keySet().forEach(SocketServer::finish);
      joinAll(Math.min(deadline, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100)));
    }
    close();
  }

  /** Cuts all connections. */
  @Override
  public void close() {
    stopAccepting();
    for (Connection connection : connections.keySet()) {
      try {
        connection.cut();
      } catch (IOException e) {
        LOG.debug("connection was already ending", e);
      }
    }
    joinAll(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CUT_GRACE_MILLIS));
  }

  private static void finish(Connection connection) {
    try {
      connection.finish();
    } catch (IOException e) {
      LOG.debug("connection was already ending", e);
    }
  }

  private void joinAll(long deadlineNanos) {
    try {
      for (Thread thread : connections.values()) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
        if (left <= 0) {
          return;
        }
        thread.join(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
