package io.takhin.console.segment;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of segments in the order of their paths.
 *
 * @param segments may be fewer than asked for although more follow, because a page's work is
 *     bounded
 * @param next what to give as {@code after} for the next page; null at the end
 */
public record SegmentListing(List<SegmentDetail> segments, @Nullable String next) {}
