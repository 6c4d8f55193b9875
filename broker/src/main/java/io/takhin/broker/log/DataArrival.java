package io.takhin.broker.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.TimeUnit;

/**
 * What a parked fetch waits on: appends to its partitions add bytes, and anything else that may
 * change its answer wakes it. One thread waits; any thread adds and wakes.
 */
public final class DataArrival {
  @GuardedBy("this")
  private long bytes;

  @GuardedBy("this")
  private boolean woken;

  synchronized void arrived(long appendedBytes) {
    bytes += appendedBytes;
    notifyAll();
  }

  /** Ends a wait whether or not there is data. */
  public synchronized void wake() {
    woken = true;
    notifyAll();
  }

  /**
   * Waits for the bytes, a wake, or the deadline, and forgets the wake.
   *
   * @param deadlineNanos as {@link System#nanoTime} counts
   */
  public synchronized void await(long neededBytes, long deadlineNanos) throws InterruptedException {
    while (!woken && bytes < neededBytes) {
      long left = deadlineNanos - System.nanoTime();
      if (left <= 0) {
        return;
      }
      // Rounded up: a wait of zero would be a wait for ever.
      wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
    }
    woken = false;
    bytes = 0;
  }
}
