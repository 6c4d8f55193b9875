/**
 * The way back from the bucket: what its manifests say becomes a catalog. Used offline, with no
 * manager at work on the same prefix.
 *
 * <p>May import {@code segment}, {@code store}, {@code catalog} and {@code archive}.
 */
@NullMarked
package io.takhin.tiered.rebuild;

import org.jspecify.annotations.NullMarked;
