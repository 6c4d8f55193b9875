/**
 * What lies in the bucket without an owner, and what became of it.
 *
 * <p>May import {@code http}.
 */
@NullMarked
package io.takhin.console.sweep;

import org.jspecify.annotations.NullMarked;
