package io.takhin.broker.net;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection. {@link #run} is its thread's whole life; the other methods are called by
 * the server's threads.
 */
final class Connection implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

  /** The JDK keeps a native copy of each chunk per thread, so chunks are small. */
  static final int CHUNK_BYTES = 256 * 1024;

  private enum Phase {
    /** Between requests. */
    IDLE,
    /** Some bytes of a request or a response are on the way. */
    MOVING,
    /** A request is being answered, which may rightly take long. */
    ANSWERING
  }

  private final SocketChannel socket;
  private final InetAddress client;
  private final String id;
  private final RequestHandler handler;
  private final RequestMemory memory;
  private final int maxRequestBytes;

  // Written by the connection's thread, read by the server's: each is a single fact, and an old
  // value only delays a timeout or the end of an idle connection by one turn.
  private volatile Phase phase = Phase.IDLE;
  private volatile long lastProgressNanos = System.nanoTime();
  private volatile boolean stopping;

  Connection(
      SocketChannel socket,
      String id,
      RequestHandler handler,
      RequestMemory memory,
      int maxRequestBytes)
      throws IOException {
    this.socket = socket;
    this.client = ((InetSocketAddress) socket.getRemoteAddress()).getAddress();
    this.id = id;
    this.handler = handler;
    this.memory = memory;
    this.maxRequestBytes = maxRequestBytes;
  }

  @Override
  public void run() {
    try (socket) {
      while (!stopping && serveOne()) {
        phase = Phase.IDLE;
      }
    } catch (UnanswerableRequestException e) {
      LOG.warn("connection closed: client={} reason={}", id, e.getMessage(), e.getCause());
    } catch (IOException e) {
      // Clients leave without notice; nothing is lost on this side.
      LOG.debug("connection ended: client={}", id, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("connection closed by an unexpected failure: client={}", id, e);
    }
  }

  /** False when the client has closed its side between two requests. */
  private boolean serveOne()
      throws IOException, UnanswerableRequestException, InterruptedException {
    ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
    if (!fill(length, true)) {
      return false;
    }
    int size = length.getInt(0);
    if (size < 0 || size > maxRequestBytes) {
      throw new UnanswerableRequestException(
          "request size: expected 0 to " + maxRequestBytes + " bytes, got " + size);
    }
    Optional<Answer> answer;
    memory.take(size);
    try {
      ByteBuffer frame = ByteBuffer.allocate(size);
      fill(frame, false);
      frame.flip();
      phase = Phase.ANSWERING;
      answer = handler.answer(frame, client, id);
      if (answer.isPresent()) {
        send(answer.get());
      }
    } finally {
      memory.giveBack(size);
    }
    if (answer.isPresent() && answer.get().pauseMillis() > 0) {
      phase = Phase.ANSWERING;
      TimeUnit.MILLISECONDS.sleep(answer.get().pauseMillis());
      progressed();
    }
    return true;
  }

  private void send(Answer answer) throws IOException {
    phase = Phase.MOVING;
    progressed();
    try {
      SocketTransfer transfer = new SocketTransfer(socket, this::progressed);
      while (!answer.bytes().completed()) {
        answer.bytes().writeTo(transfer);
      }
    } finally {
      answer.release().run();
    }
  }

  private boolean fill(ByteBuffer buffer, boolean mayEnd) throws IOException {
    while (buffer.hasRemaining()) {
      int left = buffer.remaining();
      ByteBuffer chunk = buffer.slice(buffer.position(), Math.min(left, CHUNK_BYTES));
      int read = socket.read(chunk);
      if (read < 0) {
        if (mayEnd && buffer.position() == 0) {
          return false;
        }
        throw new EOFException("client closed in the middle of a request");
      }
      buffer.position(buffer.position() + read);
      phase = Phase.MOVING;
      progressed();
    }
    return true;
  }

  private void progressed() {
    lastProgressNanos = System.nanoTime();
  }

  /** Ends the connection when it is idle, or else after the request at hand. */
  void finish() throws IOException {
    stopping = true;
    if (phase == Phase.IDLE) {
      socket.shutdownInput();
    }
  }

  /** Ends a connection that moved nothing for too long. */
  void endIfStuck(long nowNanos, long idleNanos, long stuckNanos) throws IOException {
    Phase now = phase;
    long still = nowNanos - lastProgressNanos;
    if ((now == Phase.IDLE && still > idleNanos) || (now == Phase.MOVING && still > stuckNanos)) {
      LOG.info("connection closed: client={} reason=no bytes moved while {}", id, now);
      cut();
    }
  }

  /**
   * Ends the connection wherever it is. Shuts the socket down rather than closing it: the owner may
   * be inside sendfile, and a closed descriptor's number could by then be another connection's.
   */
  void cut() throws IOException {
    stopping = true;
    if (socket.isOpen()) {
      socket.shutdownInput();
      socket.shutdownOutput();
    }
  }
}
