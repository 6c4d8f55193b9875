/**
 * The object store as a small port, {@link io.takhin.tiered.store.ObjectStore}, and the values that
 * cross it. Adapters live in sub-packages: {@code s3} is the only one that sees the AWS SDK.
 *
 * <p>A leaf: imports nothing of ours.
 */
@NullMarked
package io.takhin.tiered.store;

import org.jspecify.annotations.NullMarked;
