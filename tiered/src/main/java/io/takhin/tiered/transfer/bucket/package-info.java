/**
 * Moves the objects of one bucket to another: by copies inside the store where both sides are of
 * one service, else as a stream through memory, and in both cases proved on the far side. {@link
 * io.takhin.tiered.transfer.bucket.BucketTransfer} is the entry.
 *
 * <p>May import {@code segment}, {@code store}, {@code store.metered} and {@code transfer}.
 */
@NullMarked
package io.takhin.tiered.transfer.bucket;

import org.jspecify.annotations.NullMarked;
