/**
 * Steps 7 and 8, READ and RESTORE: how a segment that left is served again.
 *
 * <p>May import {@code segment}, {@code store}, {@code catalog}, {@code transfer}; never {@code
 * archive}.
 */
@NullMarked
package io.takhin.tiered.read;

import org.jspecify.annotations.NullMarked;
