package io.takhin.tiered;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that does a chore again and again, and sooner when asked. Requests that come while one
 * is waiting already are the same request, so there is never more than one waiting. A chore that
 * fails is logged and comes again; it never ends the schedule.
 */
final class Housekeeping implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
  private static final long CLOSE_SECONDS = 5;

  private final ScheduledExecutorService thread;
  private final Chore chore;
  private final AtomicBoolean asked = new AtomicBoolean();

  /** What is done; may block. */
  @FunctionalInterface
  interface Chore {
    void run() throws InterruptedException;
  }

  Housekeeping(String name, Chore chore) {
    this.chore = chore;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread created = new Thread(task, name);
              created.setDaemon(true);
              return created;
            });
  }

  /** Begins at once, and then again whenever the time has passed since the last end. */
  void start(Duration interval) {
    var unused =
        thread.scheduleWithFixedDelay(this::run, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Has the chore done soon; returns at once. */
  void soon() {
    if (asked.compareAndSet(false, true)) {
      try {
        thread.execute(this::run);
      } catch (RejectedExecutionException e) {
        LOG.debug("housekeeping_closed"); // The next start does it.
      }
    }
  }

  private void run() {
    asked.set(false); // First: what is asked for from here on may not be seen by this run.
    try {
      chore.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      LOG.error("housekeeping_failed action=\"none, it is tried again; report the error\"", e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn(
            "housekeeping_still_running action=\"none, its thread does not keep the process\"");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
