package io.takhin.tiered.archive;

import io.takhin.tiered.catalog.CatalogListener;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.SegmentId;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/**
 * Which segments something remains to be done for, kept up to date by the catalog, so that nobody
 * has to look through all segments for them. Written by the catalog's writer thread, read by any.
 */
public final class UnfinishedWork implements CatalogListener {
  private final Set<SegmentId> uploading = ConcurrentHashMap.newKeySet();
  private final Set<SegmentId> deleting = ConcurrentHashMap.newKeySet();
  private final ConcurrentMap<String, Integer> deletingByTopic = new ConcurrentHashMap<>();
  private final NavigableSet<Unarchived> unarchived = new ConcurrentSkipListSet<>();

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
    if (state instanceof SegmentState.Deleting && deleting.add(id)) {
      deletingByTopic.merge(id.partition().topic(), 1, Integer::sum);
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
    if (state instanceof SegmentState.Deleting && deleting.remove(id)) {
      deletingByTopic.computeIfPresent(
          id.partition().topic(), (topic, count) -> count == 1 ? null : count - 1);
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

  List<SegmentId> deleting() {
    return List.copyOf(deleting);
  }

  /** Whether objects of the topic are still to be removed. */
  public boolean isDeleting(String topic) {
    return deletingByTopic.containsKey(topic);
  }

  /** Segments being uploaded or broken off, and those whose objects are to be removed. */
  public int unfinishedCount() {
    return uploading.size() + deleting.size();
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
