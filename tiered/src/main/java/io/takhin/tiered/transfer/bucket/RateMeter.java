package io.takhin.tiered.transfer.bucket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** The rate of the last seconds, from a count that is looked at now and then. */
final class RateMeter {
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long STEP_NANOS = WINDOW_NANOS / 40;

  @GuardedBy("this")
  private final Deque<Sample> samples = new ArrayDeque<>();

  /** What was counted at a time. */
  private record Sample(long nanos, long count) {}

  RateMeter(long nowNanos) {
    samples.add(new Sample(nowNanos, 0));
  }

  /** Takes in the count as it is now, and returns by how much a second it grows. */
  synchronized long perSecond(long nowNanos, long count) {
    Sample last = samples.getLast();
    if (nowNanos - last.nanos() >= STEP_NANOS) {
      samples.add(new Sample(nowNanos, count));
    }
    while (samples.size() > 1 && nowNanos - samples.getFirst().nanos() > WINDOW_NANOS) {
      samples.removeFirst();
    }
    Sample first = samples.getFirst();
    long nanos = nowNanos - first.nanos();
    double grown = Math.max(0, count - first.count());
    return nanos <= 0 ? 0 : (long) (grown * TimeUnit.SECONDS.toNanos(1) / nanos);
  }
}
