package io.takhin.tiered.verify;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;

/**
 * So many of something per day. Fills evenly, up to what a quarter of an hour brings, and may go
 * into debt, which the next one pays by waiting; it begins empty, so that restarts bring nothing.
 */
final class TokenBucket {
  /** Stands for no limit. */
  static final long UNLIMITED = 0;

  private static final double NANOS_PER_DAY = Duration.ofDays(1).toNanos();
  private static final double BURSTS_PER_DAY = 96;

  private final long perDay;
  private final Pauses pauses;

  @GuardedBy("this")
  private double balance;

  @GuardedBy("this")
  private long filledNanos;

  TokenBucket(long perDay, Pauses pauses) {
    this.perDay = perDay;
    this.pauses = pauses;
    this.filledNanos = pauses.nanoTime();
  }

  /** Takes them, and waits until what was taken before is paid. */
  void take(long count) throws InterruptedException {
    if (perDay == UNLIMITED) {
      return;
    }
    for (Duration debt = debt(); !debt.isZero(); debt = debt()) {
      pauses.pause(debt);
    }
    synchronized (this) {
      balance -= (double) count;
    }
  }

  /** How long it takes until nothing is owed. */
  private synchronized Duration debt() {
    long now = pauses.nanoTime();
    double capacity = Math.max(1, perDay / BURSTS_PER_DAY);
    balance = Math.min(capacity, balance + (now - filledNanos) * (double) perDay / NANOS_PER_DAY);
    filledNanos = now;
    return balance >= 0
        ? Duration.ZERO
        : Duration.ofNanos((long) Math.ceil(-balance * NANOS_PER_DAY / perDay));
  }
}
