package io.takhin.broker.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.embedded.s3.EmbeddedS3;
import io.takhin.embedded.s3.EmbeddedS3Exception;
import io.takhin.embedded.s3.EmbeddedS3Options;
import java.net.URI;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded S3 server, started again on its port when its process ends by itself: killed, or out
 * of memory. Clients see an outage of some seconds, which they survive as any other.
 *
 * <p>Attempts are a second apart, then two, four and so on, and end after {@value #MAX_ATTEMPTS}
 * without a server that lasted a minute: something is wrong then that a start does not cure.
 *
 * <p>The thread {@code embedded-s3-watch} looks and starts; any thread may close.
 */
final class EmbeddedServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServer.class);
  private static final int MAX_ATTEMPTS = 8;
  private static final long LOOK_MILLIS = 500;
  private static final long FIRST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LASTING_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final EmbeddedS3Options options;
  private final URI endpoint;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "embedded-s3-watch");
            thread.setDaemon(true);
            return thread;
          });

  @GuardedBy("this")
  private EmbeddedS3 server;

  @GuardedBy("this")
  private long startedNanos = System.nanoTime();

  @GuardedBy("this")
  private boolean missed;

  @GuardedBy("this")
  private int attempts;

  @GuardedBy("this")
  private long nextAttemptNanos;

  @GuardedBy("this")
  private boolean closed;

  private EmbeddedServer(EmbeddedS3Options options, EmbeddedS3 server) {
    this.options = options.withPort(server.endpoint().getPort());
    this.endpoint = server.endpoint();
    this.server = server;
  }

  /** Starts a server and watches over it. */
  static EmbeddedServer start(EmbeddedS3Options options) throws EmbeddedS3Exception {
    EmbeddedServer embedded = new EmbeddedServer(options, EmbeddedS3.start(options));
    ScheduledFuture<?> unused = // it reports by itself
        embedded.watch.scheduleWithFixedDelay(
            embedded::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    return embedded;
  }

  /** Where clients connect; the same after each start. */
  URI endpoint() {
    return endpoint;
  }

  /** The process that serves now, or served last. */
  synchronized long pid() {
    return server.pid();
  }

  /** Holds the lock while a server starts, so that a close waits and leaves no process behind. */
  private synchronized void look() {
    long now = System.nanoTime();
    if (closed) {
      return;
    }
    if (server.isAlive()) {
      attempts = now - startedNanos > LASTING_NANOS ? 0 : attempts;
      return;
    }
    if (!missed) {
      missed = true;
      nextAttemptNanos = now + (FIRST_PAUSE_NANOS << attempts);
      LOG.error(
          "embedded_s3_ended pid={} endpoint={} dir={} action=\"none, it is started again;"
              + " its log lies in its directory\"",
          server.pid(),
          endpoint,
          options.dir());
    }
    if (attempts < MAX_ATTEMPTS && now - nextAttemptNanos >= 0) {
      startAgain();
    }
  }

  @GuardedBy("this")
  private void startAgain() {
    attempts++;
    try {
      server = EmbeddedS3.start(options);
      startedNanos = System.nanoTime();
      missed = false;
      LOG.warn(
          "embedded_s3_started_again pid={} endpoint={} attempt={}",
          server.pid(),
          endpoint,
          attempts);
    } catch (EmbeddedS3Exception | RuntimeException e) {
      nextAttemptNanos = System.nanoTime() + (FIRST_PAUSE_NANOS << attempts);
      LOG.error(
          "embedded_s3_not_started attempt={} of={} problem=\"{}\" action=\"{}\"",
          attempts,
          MAX_ATTEMPTS,
          e.getMessage(),
          attempts < MAX_ATTEMPTS ? "none, it is tried again" : "restart the broker");
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    watch.shutdown();
    server.close();
  }
}
