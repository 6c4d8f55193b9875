package io.takhin.tiered.store.throttled;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;

/** A clock that waiting moves: who waits has waited at once. */
final class SteppedTime implements Waits {
  private static final double NANOS_PER_SECOND = 1e9;

  private final AtomicLong nanos = new AtomicLong();

  double seconds() {
    return nanos.get() / NANOS_PER_SECOND;
  }

  void pass(double seconds) {
    nanos.addAndGet((long) (seconds * NANOS_PER_SECOND));
  }

  @Override
  public long nanoTime() {
    return nanos.get();
  }

  @Override
  public void await(Condition condition, long waitNanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    nanos.addAndGet(waitNanos);
  }
}
