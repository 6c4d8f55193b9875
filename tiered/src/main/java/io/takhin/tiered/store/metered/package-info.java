/**
 * A decorator that counts: requests by operation, bytes both ways, failures by kind, and whether
 * the store answers.
 *
 * <p>May import the store port only.
 */
@NullMarked
package io.takhin.tiered.store.metered;

import org.jspecify.annotations.NullMarked;
