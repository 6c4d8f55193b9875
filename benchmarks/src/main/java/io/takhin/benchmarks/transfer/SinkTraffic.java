package io.takhin.benchmarks.transfer;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** How long the sink's answers wait, and what it has served. Any thread. */
final class SinkTraffic {
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private volatile long delayMillis;

  /** From now on each request waits so long before it is answered; 0 for none. */
  void delay(long millis) {
    delayMillis = millis;
  }

  /** Waits as long as a request has to. */
  void awaitDelay() {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMillis);
    long left = until - System.nanoTime();
    while (left > 0) {
      LockSupport.parkNanos(left);
      left = until - System.nanoTime();
    }
  }

  /** An object, or a range of one, is about to be sent. */
  void count(long bodyBytes) {
    reads.incrementAndGet();
    bytes.addAndGet(bodyBytes);
  }

  SinkServed served() {
    return new SinkServed(reads.get(), bytes.get());
  }
}
