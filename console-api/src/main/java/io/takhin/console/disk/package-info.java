/**
 * How full the disk is, and what was given up because of it.
 *
 * <p>May import {@code http} and {@code health}.
 */
@NullMarked
package io.takhin.console.disk;

import org.jspecify.annotations.NullMarked;
