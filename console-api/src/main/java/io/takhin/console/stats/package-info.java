/**
 * The sums over all segments, the traffic to the store and its health, and what cold reads cost,
 * each from one snapshot.
 *
 * <p>May import {@code http}.
 */
@NullMarked
package io.takhin.console.stats;

import org.jspecify.annotations.NullMarked;
