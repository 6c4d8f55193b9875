package io.takhin.tiered.catalog;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is known of every segment, in memory. Reads take no lock; changes go one at a time under the
 * publication lock, which also keeps the sums, and no I/O happens under it.
 *
 * <p>Partitions are kept twice: hashed for a lookup, sorted for a listing. There are few of them
 * compared with segments.
 */
final class SegmentMap {
  private final Object publication = new Object();
  private final PartitionTable hashed = new PartitionTable();
  private final NavigableMap<PartitionId, PartitionSegments> sorted = new ConcurrentSkipListMap<>();

  @GuardedBy("publication")
  private final StatsCounters counters = new StatsCounters();

  /** The sums as last asked for; null since a change. Written under the lock, read without. */
  private volatile @Nullable CatalogStats stats;

  @Nullable SegmentMetadata get(SegmentId id) {
    PartitionSegments segments = hashed.get(id.partition());
    return segments == null ? null : segments.at(id.baseOffset());
  }

  Optional<PartitionSegments> partition(PartitionId partition) {
    return Optional.ofNullable(hashed.get(partition));
  }

  NavigableSet<PartitionId> partitions() {
    return Collections.unmodifiableNavigableSet(sorted.navigableKeySet());
  }

  /**
   * Visits in the order of the ids until the visitor answers false; no snapshot.
   *
   * @param from first partition; null for the very first
   */
  void visit(@Nullable PartitionId from, long afterOffset, Predicate<SegmentMetadata> visitor) {
    var partitions = from == null ? sorted : sorted.tailMap(from, true);
    for (var entry : partitions.entrySet()) {
      long after = from != null && entry.getKey().equals(from) ? afterOffset : -1;
      if (!entry.getValue().visitAfter(after, visitor)) {
        return;
      }
    }
  }

  /** Visits every segment in the order of the ids. */
  void visitAll(Predicate<SegmentMetadata> visitor) {
    for (PartitionSegments segments : sorted.values()) {
      if (!segments.visitAfter(-1, visitor)) {
        return;
      }
    }
  }

  /** Adds a segment, or replaces what is known of it. Returns what is now held. */
  SegmentMetadata put(SegmentMetadata segment) {
    synchronized (publication) {
      return replace(get(segment.id()), segment);
    }
  }

  /**
   * Replaces what is known of a segment by a function of it, so that a change of the state and a
   * touch at the same moment keep both. Returns null if the segment is not known.
   */
  @Nullable SegmentMetadata update(SegmentId id, UnaryOperator<SegmentMetadata> change) {
    synchronized (publication) {
      SegmentMetadata before = get(id);
      return before == null ? null : replace(before, change.apply(before));
    }
  }

  void remove(SegmentId id) {
    synchronized (publication) {
      SegmentMetadata before = get(id);
      if (before == null) {
        return;
      }
      PartitionSegments segments = hashed.get(id.partition());
      if (segments != null) {
        segments.remove(id.baseOffset());
        if (segments.isEmpty()) {
          sorted.remove(id.partition());
          hashed.remove(segments);
        }
      }
      counters.remove(before);
      stats = null;
    }
  }

  /** Counts one change of state for the sums. */
  void countTransition(SegmentState to) {
    synchronized (publication) {
      counters.countTransition(to);
      stats = null;
    }
  }

  CatalogStats stats() {
    CatalogStats known = stats;
    if (known != null) {
      return known;
    }
    synchronized (publication) {
      CatalogStats now = counters.snapshot();
      stats = now;
      return now;
    }
  }

  @GuardedBy("publication")
  private SegmentMetadata replace(@Nullable SegmentMetadata before, SegmentMetadata segment) {
    PartitionSegments segments = hashed.get(segment.id().partition());
    boolean added = segments == null;
    if (segments == null) {
      segments = new PartitionSegments(segment.id().partition());
    }
    segments.put(segment);
    if (added) {
      // Shown after its first segment is in, so that a listed partition is never empty.
      hashed.add(segments);
      sorted.put(segment.id().partition(), segments);
    }
    if (before != null) {
      counters.remove(before);
    }
    counters.add(segment);
    stats = null;
    return segment;
  }
}
