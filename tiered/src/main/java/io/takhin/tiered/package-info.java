/**
 * The archiver as an embedder sees it: {@link io.takhin.tiered.TieredStorageManager} and its
 * options. Wires the parts and does nothing else.
 *
 * <p>May import all of {@code io.takhin.tiered}; nothing of it imports this package.
 */
@NullMarked
package io.takhin.tiered;

import org.jspecify.annotations.NullMarked;
