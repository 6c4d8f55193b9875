package io.takhin.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One fault that a test has asked for: how often it still strikes, and how often it has.
 *
 * <p>Thread-safe. A test ends with an assertion on {@link #fired()}, or on all faults at once,
 * because a fault that never struck proves nothing.
 */
public final class Fault {
  private final String description;
  private final CountDownLatch released = new CountDownLatch(1);

  @GuardedBy("this")
  private int skipsLeft;

  @GuardedBy("this")
  private int timesLeft;

  @GuardedBy("this")
  private int fired;

  Fault(String description, int skip, int times) {
    this.description = description;
    this.skipsLeft = skip;
    this.timesLeft = times;
  }

  /** How often it has struck, which is when its effect set in. */
  public synchronized int fired() {
    return fired;
  }

  /** Lets everything go on that hangs or waits because of this fault, and strikes no more. */
  public void release() {
    synchronized (this) {
      timesLeft = 0;
    }
    released.countDown();
  }

  /** Whether this time is one of those the fault is meant for; uses it up if so. */
  synchronized boolean claims() {
    if (timesLeft == 0) {
      return false;
    }
    if (skipsLeft > 0) {
      skipsLeft--;
      return false;
    }
    timesLeft--;
    return true;
  }

  /** Counts the effect. Apart from the claim, because a body may end before its fault sets in. */
  synchronized void strike() {
    fired++;
  }

  /** Waits for {@link #release()}; false if the time ran out first. */
  boolean awaitRelease(Duration atMost) throws InterruptedException {
    return released.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public String toString() {
    return description;
  }
}
