package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes one page of a listing; used once. */
final class SegmentLister {
  private final SegmentMap map;
  private final int maxVisited;
  private final List<SegmentMetadata> page = new ArrayList<>();
  private int visited;
  private @Nullable SegmentId last;
  private boolean more;

  SegmentLister(SegmentMap map, int maxVisited) {
    this.map = map;
    this.maxVisited = maxVisited;
  }

  SegmentPage list(SegmentFilter filter, @Nullable SegmentId after, int max) {
    if (max < 1) {
      throw new IllegalArgumentException("invalid page size: expected 1 or more, got " + max);
    }
    PartitionId start = filter.topic() == null ? null : new PartitionId(filter.topic(), 0);
    PartitionId from = start;
    long afterOffset = -1;
    if (after != null && (start == null || after.partition().compareTo(start) >= 0)) {
      from = after.partition();
      afterOffset = after.baseOffset();
    }
    map.visit(from, afterOffset, segment -> take(segment, filter, max));
    return new SegmentPage(page, more ? Optional.ofNullable(last) : Optional.empty());
  }

  private boolean take(SegmentMetadata segment, SegmentFilter filter, int max) {
    if (filter.topic() != null && !filter.topic().equals(segment.id().partition().topic())) {
      return false;
    }
    if (page.size() == max || visited == maxVisited) {
      more = true;
      return false;
    }
    visited++;
    last = segment.id();
    if (filter.accepts(segment)) {
      page.add(segment);
    }
    return true;
  }
}
