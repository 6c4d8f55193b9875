/**
 * How full the disk is, how soon it will be full, and what that means for writers.
 *
 * <p>Beside the flow: {@code archive} frees what {@link io.takhin.tiered.disk.DiskWatch} says is
 * too much, and the broker asks it before it appends. Imports nothing of ours.
 */
@NullMarked
package io.takhin.tiered.disk;

import org.jspecify.annotations.NullMarked;
