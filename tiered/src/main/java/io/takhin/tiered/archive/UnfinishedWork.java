package io.takhin.tiered.archive;

import io.takhin.tiered.catalog.CatalogListener;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.SegmentId;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which segments something remains to be done for, kept up to date by the catalog, so that nobody
 * has to look through all segments for them. Written by the catalog's writer thread, read by any.
 */
public final class UnfinishedWork implements CatalogListener {
  private final Set<SegmentId> uploading = ConcurrentHashMap.newKeySet();
  private final NavigableSet<Purge> purges = new ConcurrentSkipListSet<>();
  private final Set<SegmentId> untombstoned = ConcurrentHashMap.newKeySet();
  private final ConcurrentMap<SegmentId, Refusal> refusals = new ConcurrentHashMap<>();
  private final LongAdder deletedBytes = new LongAdder();
  private final LongAdder deletedSegments = new LongAdder();
  private final ConcurrentMap<String, Integer> deletingByTopic = new ConcurrentHashMap<>();
  private final NavigableSet<Unarchived> unarchived = new ConcurrentSkipListSet<>();

  /** A segment whose objects are to go, by when. */
  private record Purge(long atMillis, SegmentId id) implements Comparable<Purge> {
    @Override
    public int compareTo(Purge other) {
      int byTime = Long.compare(atMillis, other.atMillis);
      return byTime != 0 ? byTime : id.compareTo(other.id);
    }
  }

  /** The store did not let the objects of a segment go; forgotten by a restart. */
  private record Refusal(String reason, long retryAtMillis) {}

  /** A segment of which this machine holds the only copy, by age. */
  private record Unarchived(long lastModifiedMillis, SegmentId id)
      implements Comparable<Unarchived> {
    @Override
    public int compareTo(Unarchived other) {
      int byAge = Long.compare(lastModifiedMillis, other.lastModifiedMillis);
      return byAge != 0 ? byAge : id.compareTo(other.id);
    }
  }

  @Override
  public void onChange(@Nullable SegmentMetadata before, @Nullable SegmentMetadata after) {
    if (before != null) {
      remove(before);
    }
    if (after != null) {
      add(after);
    }
  }

  /** Takes in a segment that was in the catalog already when this began to listen. */
  void add(SegmentMetadata segment) {
    SegmentState state = segment.state();
    SegmentId id = segment.id();
    if (state instanceof SegmentState.Uploading) {
      uploading.add(id);
    }
    if (state instanceof SegmentState.Deleting deleting) {
      if (purges.add(new Purge(deleting.purgeAtMillis(), id))) {
        deletingByTopic.merge(id.partition().topic(), 1, Integer::sum);
        deletedSegments.increment();
        deletedBytes.add(segment.sizeBytes());
      }
      if (deleting.isDelayed() && !deleting.isTombstoned()) {
        untombstoned.add(id);
      }
    }
    if (isUnarchived(state)) {
      unarchived.add(new Unarchived(segment.lastModifiedMillis(), id));
    }
  }

  private void remove(SegmentMetadata segment) {
    SegmentState state = segment.state();
    SegmentId id = segment.id();
    if (state instanceof SegmentState.Uploading) {
      uploading.remove(id);
    }
    if (state instanceof SegmentState.Deleting deleting) {
      if (purges.remove(new Purge(deleting.purgeAtMillis(), id))) {
        deletingByTopic.computeIfPresent(
            id.partition().topic(), (topic, count) -> count == 1 ? null : count - 1);
        deletedSegments.decrement();
        deletedBytes.add(-segment.sizeBytes());
      }
      untombstoned.remove(id);
      refusals.remove(id);
    }
    if (isUnarchived(state)) {
      unarchived.remove(new Unarchived(segment.lastModifiedMillis(), id));
    }
  }

  private static boolean isUnarchived(SegmentState state) {
    return state instanceof SegmentState.Local || state instanceof SegmentState.Uploading;
  }

  /** Segments being uploaded now, and those whose attempt was broken off. */
  List<SegmentId> uploading() {
    return List.copyOf(uploading);
  }

  /**
   * Deleted segments whose objects are to go by now, those that wait longest first; without those
   * that the store refused to remove a short time ago.
   */
  List<SegmentId> purgeable(long nowMillis) {
    List<SegmentId> ids = new ArrayList<>();
    for (Purge purge : purges) {
      if (purge.atMillis() > nowMillis) {
        break;
      }
      Refusal refusal = refusals.get(purge.id());
      if (refusal == null || refusal.retryAtMillis() <= nowMillis) {
        ids.add(purge.id());
      }
    }
    return ids;
  }

  /** The store refused to remove the segment's objects; not tried again before that time. */
  void refused(SegmentId id, String reason, long retryAtMillis) {
    refusals.put(id, new Refusal(reason, retryAtMillis));
  }

  /** Why the store keeps objects that were to go. */
  public Optional<String> refusal(SegmentId id) {
    return Optional.ofNullable(refusals.get(id)).map(Refusal::reason);
  }

  /** Deleted segments of which the bucket does not say so yet, though it has to. */
  List<SegmentId> untombstoned() {
    return List.copyOf(untombstoned);
  }

  /** Deleted segments, in the order in which their objects are to go; a live view. */
  public Stream<SegmentId> deleted() {
    return purges.stream().map(Purge::id);
  }

  /** Segments that are deleted and not purged yet. */
  public long deletedSegments() {
    return deletedSegments.sum();
  }

  /** Bytes of their logs. */
  public long deletedBytes() {
    return deletedBytes.sum();
  }

  /** Whether objects of the topic are still to be removed, now or later. */
  public boolean isDeleting(String topic) {
    return deletingByTopic.containsKey(topic);
  }

  /** Segments being uploaded or broken off, and those whose objects are to be removed by now. */
  public int unfinishedCount(long nowMillis) {
    return uploading.size() + untombstoned.size() + purgeable(nowMillis).size();
  }

  /**
   * The segments that only this machine holds, oldest first; a live view that cannot be changed.
   */
  public Iterable<SegmentId> unarchivedOldestFirst() {
    return () -> unarchived.stream().map(Unarchived::id).iterator();
  }

  /** Age of the oldest segment that only this machine holds; 0 if there is none. */
  public double oldestUnarchivedAgeSeconds(long nowMillis) {
    // Not first(): the set may become empty between a question and that call.
    for (Unarchived oldest : unarchived) {
      return Math.max(0, nowMillis - oldest.lastModifiedMillis()) / 1000.0;
    }
    return 0;
  }
}
