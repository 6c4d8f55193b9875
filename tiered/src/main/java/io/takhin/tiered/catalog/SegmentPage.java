package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.SegmentId;
import java.util.List;
import java.util.Optional;

/**
 * One page of a listing, in the order of {@link SegmentId}.
 *
 * @param segments what matched; may be fewer than asked for, even none, although more follow,
 *     because the work for one page is bounded
 * @param next where to go on; empty at the end
 */
public record SegmentPage(List<SegmentMetadata> segments, Optional<SegmentId> next) {
  public SegmentPage {
    segments = List.copyOf(segments);
  }
}
