/**
 * Keeps a store that does not answer from being asked again and again: a decorator that fails calls
 * at once while the store is down, and finds out by itself when it is back.
 *
 * <p>Imports {@code store} only.
 */
@NullMarked
package io.takhin.tiered.store.guarded;

import org.jspecify.annotations.NullMarked;
