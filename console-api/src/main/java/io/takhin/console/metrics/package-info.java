/**
 * The Prometheus scrape, under exactly the names the contract promises.
 *
 * <p>May import {@code http}.
 */
@NullMarked
package io.takhin.console.metrics;

import org.jspecify.annotations.NullMarked;
