package io.takhin.benchmarks.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** How long the sink's answers wait, and what it has served and taken. Any thread. */
final class SinkTraffic {
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();
  private volatile long delayMillis;

  @GuardedBy("this")
  private long takenBytes;

  @GuardedBy("this")
  private boolean hasTaken;

  @GuardedBy("this")
  private long firstNanos;

  @GuardedBy("this")
  private long lastNanos;

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

  /** A request has come. */
  void request() {
    requests.incrementAndGet();
  }

  /** An object, or a range of one, is about to be sent. */
  void read() {
    reads.incrementAndGet();
  }

  /** So much of an object was sent. */
  void sent(long bodyBytes) {
    bytes.addAndGet(bodyBytes);
  }

  /**
   * A request that writes was answered.
   *
   * @param beganNanos when it came, by {@link System#nanoTime}
   */
  synchronized void taken(long bodyBytes, long beganNanos) {
    firstNanos = hasTaken ? Math.min(firstNanos, beganNanos) : beganNanos;
    lastNanos = System.nanoTime();
    hasTaken = true;
    takenBytes += bodyBytes;
  }

  /** Counts anew what is asked and taken from now on. */
  synchronized void begin() {
    requests.set(0);
    takenBytes = 0;
    hasTaken = false;
  }

  synchronized SinkTaken taken() {
    long busyNanos = hasTaken ? lastNanos - firstNanos : 0;
    return new SinkTaken(requests.get(), takenBytes, TimeUnit.NANOSECONDS.toMillis(busyNanos));
  }

  StoreServed served() {
    return new StoreServed(reads.get(), bytes.get());
  }
}
