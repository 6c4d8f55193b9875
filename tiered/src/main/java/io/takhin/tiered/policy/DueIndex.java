package io.takhin.tiered.policy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.segment.SegmentId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * When each segment has to be looked at again, the earliest first, so that a pass touches what is
 * due and nothing else. Segments on which time alone has no effect are not in it.
 *
 * <p>A heap ordered by time, and a map that tells which entry of a segment counts: rescheduling
 * adds an entry and leaves the old one, which is dropped when it comes up. When such leftovers
 * outnumber the entries that count, the heap is made anew. Thread-safe.
 */
final class DueIndex {
  private static final int LEFTOVERS_ALLOWED = 1_000;

  @GuardedBy("this")
  private final Map<SegmentId, Entry> counting = new HashMap<>();

  @GuardedBy("this")
  private final Queue<Entry> heap = new PriorityQueue<>();

  private record Entry(long dueMillis, SegmentId id) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      int byTime = Long.compare(dueMillis, other.dueMillis);
      return byTime != 0 ? byTime : id.compareTo(other.id);
    }
  }

  /** Replaces the segment's time; {@link Decision#NEVER} takes it out. */
  synchronized void schedule(SegmentId id, long dueMillis) {
    if (dueMillis == Decision.NEVER) {
      counting.remove(id);
    } else {
      Entry entry = new Entry(dueMillis, id);
      if (entry.equals(counting.put(id, entry))) {
        return; // The equal entry that is in the heap already will do.
      }
      heap.add(entry);
    }
    if (heap.size() > 2 * counting.size() + LEFTOVERS_ALLOWED) {
      heap.clear();
      heap.addAll(counting.values());
    }
  }

  /**
   * As {@link #schedule}, but leaves an earlier time as it is: for whoever may have looked at the
   * segment before its last change. Looking too early does no harm, too late would.
   */
  synchronized void scheduleNoLater(SegmentId id, long dueMillis) {
    Entry known = counting.get(id);
    if (dueMillis != Decision.NEVER && (known == null || dueMillis < known.dueMillis)) {
      schedule(id, dueMillis);
    }
  }

  /** Takes out the segment that is due first, if its time has come. */
  synchronized Optional<SegmentId> takeDue(long nowMillis) {
    for (Entry first = heap.peek();
        first != null && first.dueMillis <= nowMillis;
        first = heap.peek()) {
      heap.remove();
      if (counting.remove(first.id, first)) {
        return Optional.of(first.id);
      }
    }
    return Optional.empty();
  }

  synchronized void clear() {
    counting.clear();
    heap.clear();
  }

  synchronized int size() {
    return counting.size();
  }
}
