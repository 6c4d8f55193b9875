package io.takhin.tiered.verify;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;

/** Real time, until it is closed: whoever pauses then, or later, is told so at once. */
final class Stoppable implements Pauses, AutoCloseable {
  @GuardedBy("this")
  private boolean closed;

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public synchronized void pause(Duration time) throws InterruptedException {
    long endNanos = System.nanoTime() + time.toNanos();
    while (!closed) {
      long leftMillis = (endNanos - System.nanoTime() + 999_999) / 1_000_000;
      if (leftMillis <= 0) {
        return;
      }
      wait(leftMillis);
    }
    throw new InterruptedException("verification is closed");
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
