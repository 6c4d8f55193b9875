/**
 * Beside the way of a segment: looks whether what the catalog believes is still true of the bucket
 * and of this disk, says what is not, and repairs what can be.
 *
 * <p>{@link io.takhin.tiered.verify.SegmentVerifier} is the door. May import {@code segment},
 * {@code store}, {@code catalog}, {@code transfer} and {@code archive}.
 */
@NullMarked
package io.takhin.tiered.verify;

import org.jspecify.annotations.NullMarked;
