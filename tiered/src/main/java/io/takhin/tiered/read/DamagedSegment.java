package io.takhin.tiered.read;

import io.takhin.tiered.segment.SegmentId;

/**
 * A segment of which the store did not return what was archived.
 *
 * @param reason of the first chunk that was met
 * @param sinceMillis when that was, in milliseconds since the epoch
 * @param chunks that are set apart, 1 or more
 */
public record DamagedSegment(SegmentId id, String reason, long sinceMillis, int chunks) {}
