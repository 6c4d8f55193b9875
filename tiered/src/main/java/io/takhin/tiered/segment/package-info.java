/**
 * The words of the domain: {@link io.takhin.tiered.segment.SegmentId}, its files and byte ranges.
 *
 * <p>A leaf: imports nothing of ours.
 */
@NullMarked
package io.takhin.tiered.segment;

import org.jspecify.annotations.NullMarked;
