package io.takhin.tiered.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/**
 * Bytes per second over the last ten seconds, or since the start if that is less. Times are of
 * {@link System#nanoTime}. Thread-safe.
 */
public final class RateMeter {
  private static final int SECONDS = 10;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final long startedNanos;

  /** What moved in each of the last seconds; a second's place is its number modulo the length. */
  @GuardedBy("this")
  private final long[] movedBytes = new long[SECONDS];

  @GuardedBy("this")
  private long newestSecond;

  public RateMeter(long startedNanos) {
    this.startedNanos = startedNanos;
  }

  public synchronized void moved(long bytes, long nowNanos) {
    advance(nowNanos);
    movedBytes[(int) (newestSecond % SECONDS)] += bytes;
  }

  public synchronized long bytesPerSecond(long nowNanos) {
    advance(nowNanos);
    long sumBytes = 0;
    for (long bytes : movedBytes) {
      sumBytes += bytes;
    }
    long elapsedNanos = Math.max(1, nowNanos - startedNanos);
    // The window ends in the middle of its newest second.
    long windowNanos = (SECONDS - 1) * NANOS_PER_SECOND + elapsedNanos % NANOS_PER_SECOND;
    return (long) (sumBytes * (double) NANOS_PER_SECOND / Math.min(elapsedNanos, windowNanos));
  }

  @GuardedBy("this")
  private void advance(long nowNanos) {
    long second = (nowNanos - startedNanos) / NANOS_PER_SECOND;
    for (long s = Math.max(newestSecond + 1, second - SECONDS + 1); s <= second; s++) {
      movedBytes[(int) (s % SECONDS)] = 0;
    }
    newestSecond = Math.max(newestSecond, second);
  }
}
