/**
 * One segment as REST shows it, why it is where it is, and pages of segments.
 *
 * <p>May import {@code http}.
 */
@NullMarked
package io.takhin.console.segment;

import org.jspecify.annotations.NullMarked;
