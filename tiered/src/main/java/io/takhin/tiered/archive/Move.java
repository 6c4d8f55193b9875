package io.takhin.tiered.archive;

import io.takhin.tiered.catalog.SegmentMetadata;

/**
 * How an operation ended that did not fail.
 *
 * @param segment as it is now, or as it was last if it is gone
 * @param made false if there was nothing to do
 */
record Move(SegmentMetadata segment, boolean made) {}
