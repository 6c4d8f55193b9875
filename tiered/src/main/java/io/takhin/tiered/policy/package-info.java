/**
 * Step 2, DECIDE: pure functions of a segment's metadata and a given time, and the schedule that
 * asks them.
 *
 * <p>May import {@code segment} and {@code catalog}; does no I/O and reads no clock.
 */
@NullMarked
package io.takhin.tiered.policy;

import org.jspecify.annotations.NullMarked;
