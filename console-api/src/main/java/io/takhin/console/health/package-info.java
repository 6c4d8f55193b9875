/**
 * Whether the process answers (live) and whether it can do its work (ready).
 *
 * <p>May import {@code http}.
 */
@NullMarked
package io.takhin.console.health;

import org.jspecify.annotations.NullMarked;
