package io.takhin.tiered.store.throttled;

import java.util.concurrent.locks.Condition;

/** How a rate limit tells the time and lets it pass; replaced by tests. */
interface Waits {
  /** The clock of the JVM. */
  Waits REAL =
      new Waits() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        @SuppressWarnings("WaitNotInLoop") // The loop is the caller's, who is told so.
        public void await(Condition condition, long nanos) throws InterruptedException {
          long unused = condition.awaitNanos(nanos);
        }
      };

  /** A time in nanoseconds that means something only beside another. */
  long nanoTime();

  /** Waits until the condition is signalled or the time has passed, or for no reason. */
  void await(Condition condition, long nanos) throws InterruptedException;
}
