package io.takhin.kafka.delete;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.kafka.layout.ObjectStem;
import io.takhin.kafka.ledger.Doomed;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What was removed and is to be removed once more, because a request that its sender has given up
 * may still arrive and leave an object. On the heap only: after a restart both removals come anew.
 * Has no more entries than the ledger. Any thread.
 */
final class SecondLooks {
  private final long afterNanos;

  /** {@link System#nanoTime()} from which on. */
  @GuardedBy("this")
  private final Map<ObjectStem, Long> times = new HashMap<>();

  SecondLooks(Duration after) {
    this.afterNanos = after.toNanos();
  }

  /** It was removed; whether that was the second time. If not, a time is set for that. */
  synchronized boolean settles(ObjectStem stem) {
    if (times.remove(stem) != null) {
      return true;
    }
    times.put(stem, System.nanoTime() + afterNanos);
    return false;
  }

  /** Its next removal is the first one. */
  synchronized void forget(ObjectStem stem) {
    times.remove(stem);
  }

  /** What was removed once, as it is now. */
  synchronized Set<ObjectStem> waiting() {
    return Set.copyOf(times.keySet());
  }

  /** Those that need not wait. What is not among the doomed any more is forgotten. */
  synchronized List<Doomed> due(List<Doomed> doomed) {
    if (times.isEmpty()) {
      return doomed;
    }
    Set<ObjectStem> left = doomed.stream().map(Doomed::stem).collect(Collectors.toSet());
    times.keySet().retainAll(left);
    return doomed.stream().filter(next -> isDue(next.stem())).toList();
  }

  private synchronized boolean isDue(ObjectStem stem) {
    Long time = times.get(stem);
    return time == null || time - System.nanoTime() <= 0;
  }

  /** How long until one is due; 0 if one is. */
  synchronized long nanosToNext() {
    long now = System.nanoTime();
    return times.values().stream()
        .mapToLong(time -> Math.max(0, time - now))
        .min()
        .orElse(Long.MAX_VALUE);
  }
}
