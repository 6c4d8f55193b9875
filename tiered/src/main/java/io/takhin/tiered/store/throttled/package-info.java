/**
 * A decorator that keeps the payload of another store within rates that may be changed while it
 * works.
 *
 * <p>May import the store port only.
 */
@NullMarked
package io.takhin.tiered.store.throttled;

import org.jspecify.annotations.NullMarked;
