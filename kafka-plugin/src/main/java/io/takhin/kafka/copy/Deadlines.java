package io.takhin.kafka.copy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Interrupts threads whose time is over. Any thread. */
final class Deadlines implements AutoCloseable {
  private final ScheduledThreadPoolExecutor timer;

  Deadlines() {
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "takhin-kafka-copy-timer");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
  }

  /**
   * Begins the calling thread's time.
   *
   * @param atEnd done when it is over, before the interrupt; must not block
   */
  Deadline begin(Duration limit, Runnable atEnd) {
    return new Deadline(Thread.currentThread(), limit, atEnd);
  }

  /** One thread's time; the interrupt never comes after {@link #close}. */
  final class Deadline implements AutoCloseable {
    private final Thread thread;
    private final Runnable atEnd;
    private final Future<?> alarm;

    @GuardedBy("this")
    private boolean over;

    @GuardedBy("this")
    private boolean fired;

    Deadline(Thread thread, Duration limit, Runnable atEnd) {
      this.thread = thread;
      this.atEnd = atEnd;
      this.alarm = timer.schedule(this::fire, limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    private synchronized void fire() {
      if (!over) {
        fired = true;
        atEnd.run();
        thread.interrupt();
      }
    }

    /** Whether the thread was interrupted for this. */
    synchronized boolean hasFired() {
      return fired;
    }

    /** To be called by the thread itself, whose interrupt is taken back if it was for this. */
    @Override
    public void close() {
      alarm.cancel(false);
      synchronized (this) {
        if (fired && !over) {
          boolean unused = Thread.interrupted();
        }
        over = true;
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
