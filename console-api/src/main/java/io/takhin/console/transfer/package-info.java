/**
 * The transfers under way and the limits on their rate: seen and changed.
 *
 * <p>May import {@code http}.
 */
@NullMarked
package io.takhin.console.transfer;

import org.jspecify.annotations.NullMarked;
