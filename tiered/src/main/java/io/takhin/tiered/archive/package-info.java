/**
 * Steps 5 and 6, COMMIT and RECLAIM: the order in which a segment leaves this machine, and what a
 * restart does about the steps that were not reached.
 *
 * <p>May import {@code segment}, {@code store}, {@code catalog}, {@code policy}, {@code transfer};
 * never {@code read}.
 */
@NullMarked
package io.takhin.tiered.archive;

import org.jspecify.annotations.NullMarked;
