/**
 * Step 1, REGISTER: what is known of every segment, in memory for the reader and on disk for the
 * restart.
 *
 * <p>May import {@code segment} and the values of {@code store}.
 */
@NullMarked
package io.takhin.tiered.catalog;

import org.jspecify.annotations.NullMarked;
