/**
 * Verification over HTTP: how the background stands, the last run, and how far one is that works.
 *
 * <p>May import {@code http}.
 */
@NullMarked
package io.takhin.console.verify;

import org.jspecify.annotations.NullMarked;
