package io.takhin.tiered.transfer.bucket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Works on the parts of large objects with more threads than the one that has the object.
 *
 * <p>The owner works too and never waits for a helper to begin, so that any number of owners get on
 * with few helpers or none. A request for help is a queue entry; there are at most owners × helpers
 * of them.
 */
final class PartRuns implements AutoCloseable {
  private static final long IDLE_SECONDS = 30;

  private final int helpers;
  private final ThreadPoolExecutor executor;

  PartRuns(int helpers) {
    this.helpers = helpers;
    AtomicInteger number = new AtomicInteger();
    this.executor =
        new ThreadPoolExecutor(
            Math.max(1, helpers),
            Math.max(1, helpers),
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "takhin-transfer-part-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
  }

  /**
   * Does the parts {@code 0 … count-1}, in any order and by several threads, the caller's among
   * them. When one fails no further one begins; this returns or throws after all have ended.
   */
  void run(int count, Part part) throws IOException {
    Run run = new Run(count, part);
    try {
      for (int asked = 0; asked < Math.min(helpers, count - 1); asked++) {
        executor.execute(run::help);
      }
    } catch (RejectedExecutionException e) {
      run.fail(new InterruptedIOException("the transfer is closing"));
    }
    run.work();
    run.end();
  }

  /** Interrupts the helpers; runs under way fail. */
  void stop() {
    executor.shutdownNow();
  }

  @Override
  public void close() {
    stop();
  }

  /** One part of an object; the index counts from 0. */
  @FunctionalInterface
  interface Part {
    void move(int index) throws IOException;
  }

  /** The parts of one object. */
  private static final class Run {
    private final int count;
    private final Part part;
    private final AtomicInteger next = new AtomicInteger();

    @GuardedBy("this")
    private @Nullable Throwable failure;

    @GuardedBy("this")
    private int helping;

    @GuardedBy("this")
    private boolean ended;

    Run(int count, Part part) {
      this.count = count;
      this.part = part;
    }

    void help() {
      synchronized (this) {
        if (ended) {
          return;
        }
        helping++;
      }
      try {
        work();
      } finally {
        synchronized (this) {
          helping--;
          notifyAll();
        }
      }
    }

    void work() {
      for (int index = next.getAndIncrement(); index < count; index = next.getAndIncrement()) {
        if (failed()) {
          return;
        }
        try {
          part.move(index);
        } catch (Throwable e) { // An Error of a helper has to reach the owner as well.
          fail(e);
        }
      }
    }

    synchronized void fail(Throwable e) {
      if (failure == null) {
        failure = e;
      }
    }

    private synchronized boolean failed() {
      return failure != null;
    }

    /** Waits for the helpers, whatever happens: they use what the owner is about to give up. */
    void end() throws IOException {
      boolean interrupted = false;
      Throwable first;
      synchronized (this) {
        ended = true;
        while (helping > 0) {
          try {
            wait();
          } catch (InterruptedException e) {
            interrupted = true;
            fail(new InterruptedIOException("the transfer was interrupted"));
          }
        }
        first = failure;
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (first instanceof Error error) {
        throw error;
      }
      if (first instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      if (first != null) {
        throw first instanceof IOException io ? io : new IOException(first);
      }
    }
  }
}
