package io.takhin.tiered.store.throttled;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A rate in bytes per second that all threads share.
 *
 * <p>A bucket of tokens that may go into debt: it fills at the rate, up to what a tenth of a second
 * brings, and whoever comes while it is not below zero takes all it needs at once. Who takes more
 * than there was makes the next one wait until that is paid, so the rate holds over time however
 * large the pieces are, and nothing larger than the bucket has to wait for room that cannot come.
 *
 * <p>Threads are served in the order in which they came; there are as many in line as threads call.
 * A change of the rate concerns those in line at once. Thread-safe.
 */
final class RateLimit {
  /** No limit. */
  static final long UNLIMITED = 0;

  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  /** A pause leaves credit for a tenth of a second. */
  private static final long BURSTS_PER_SECOND = 10;

  private final Waits waits;
  private final ReentrantLock lock = new ReentrantLock();

  /** Who waits, in order; each by a condition of its own, so that nobody is woken in vain. */
  @GuardedBy("lock")
  private final Deque<Condition> line = new ArrayDeque<>();

  /** Below zero: what was taken in advance. */
  @GuardedBy("lock")
  private double balanceBytes;

  @GuardedBy("lock")
  private long filledNanos;

  /** Written under the lock, read without: a value of its own. */
  private volatile long bytesPerSecond;

  RateLimit(long bytesPerSecond, Waits waits) {
    this.waits = waits;
    this.bytesPerSecond = bytesPerSecond;
    this.filledNanos = waits.nanoTime();
  }

  long bytesPerSecond() {
    return bytesPerSecond;
  }

  /**
   * Changes the rate for everybody, also for those in line.
   *
   * @param newBytesPerSecond {@link #UNLIMITED} lets them all go
   */
  void set(long newBytesPerSecond) {
    lock.lock();
    try {
      fill();
      bytesPerSecond = newBytesPerSecond;
      if (newBytesPerSecond == UNLIMITED) {
        balanceBytes = 0;
      }
      line.forEach(Condition::signal);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until so many bytes may go. */
  void take(long bytes) throws InterruptedException {
    if (bytesPerSecond == UNLIMITED) {
      return;
    }
    lock.lockInterruptibly();
    try {
      takeInLine(bytes);
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void takeInLine(long bytes) throws InterruptedException {
    Condition turn = lock.newCondition();
    line.add(turn);
    try {
      while (bytesPerSecond != UNLIMITED) {
        long debtNanos = turn.equals(line.peek()) ? debtNanos() : Long.MAX_VALUE;
        if (debtNanos <= 0) {
          balanceBytes -= (double) bytes;
          return;
        }
        waits.await(turn, debtNanos);
      }
    } finally {
      line.remove(turn);
      Condition next = line.peek();
      if (next != null) {
        next.signal();
      }
    }
  }

  /**
   * Takes a few bytes without waiting, at the expense of those in line; but never so often that
   * they wait for more than a second because of it.
   */
  void takeNow(long bytes) {
    if (bytesPerSecond == UNLIMITED) {
      return;
    }
    lock.lock();
    try {
      fill();
      balanceBytes =
          Math.max(balanceBytes - (double) bytes, Math.min(balanceBytes, (double) -bytesPerSecond));
    } finally {
      lock.unlock();
    }
  }

  /** How long it takes until nothing is owed; 0 or less if nothing is. */
  @GuardedBy("lock")
  private long debtNanos() {
    fill();
    return (long) Math.ceil(-balanceBytes * NANOS_PER_SECOND / bytesPerSecond);
  }

  @GuardedBy("lock")
  private void fill() {
    long now = waits.nanoTime();
    double gained = (now - filledNanos) * (double) bytesPerSecond / NANOS_PER_SECOND;
    double capacity = (double) bytesPerSecond / BURSTS_PER_SECOND;
    balanceBytes = Math.min(balanceBytes + gained, Math.max(balanceBytes, capacity));
    filledNanos = now;
  }
}
