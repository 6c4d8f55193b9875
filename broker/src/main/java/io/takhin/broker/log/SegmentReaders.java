package io.takhin.broker.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Who reads which segment of one partition. Kafka closes the file of a deleted segment, which would
 * cut off a reader whose bytes are still being sent; so a segment is retired only when unused, and
 * a retired one gets no new readers.
 */
final class SegmentReaders {
  @GuardedBy("this")
  private final Map<Long, Integer> readers = new HashMap<>();

  @GuardedBy("this")
  private final Set<Long> retired = new HashSet<>();

  /** A hold on the segment, or nothing when it is being freed. */
  synchronized Optional<Runnable> hold(long baseOffset) {
    if (retired.contains(baseOffset)) {
      return Optional.empty();
    }
    readers.merge(baseOffset, 1, Integer::sum);
    AtomicBoolean held = new AtomicBoolean(true);
    return Optional.of(
        () -> {
          if (held.compareAndSet(true, false)) {
            release(baseOffset);
          }
        });
  }

  private synchronized void release(long baseOffset) {
    readers.computeIfPresent(baseOffset, (base, count) -> count == 1 ? null : count - 1);
    notifyAll();
  }

  synchronized boolean retire(long baseOffset) {
    return !readers.containsKey(baseOffset) && retired.add(baseOffset);
  }

  /** After the segment is gone, or after freeing it failed and it may be read again. */
  synchronized void endRetirement(long baseOffset) {
    retired.remove(baseOffset);
  }

  synchronized boolean idleBelow(long offset) {
    return readers.keySet().stream().noneMatch(base -> base < offset);
  }

  /** Waits until nobody reads, or until the time is over. */
  synchronized void awaitIdle(long timeoutMillis) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    try {
      while (!readers.isEmpty()) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return;
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      // The wait is a courtesy to readers; who interrupts wants it shorter.
      Thread.currentThread().interrupt();
    }
  }
}
