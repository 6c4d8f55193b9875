package io.takhin.tiered.catalog;

import org.jspecify.annotations.Nullable;

/** Which segments a listing shows; what is null does not restrict. */
public record SegmentFilter(@Nullable String topic, @Nullable Tier tier, @Nullable String state) {
  /** Every segment. */
  public static final SegmentFilter ALL = new SegmentFilter(null, null, null);

  /** All but the topic, which selects partitions and not segments. */
  boolean accepts(SegmentMetadata segment) {
    return (tier == null || tier == segment.tier())
        && (state == null || state.equals(segment.state().label()));
  }
}
