/**
 * The store port in memory: for tests, and for embedders who try out a policy without a bucket. It
 * keeps the promises of the port as strictly as a real store does, so that code which passes here
 * does not meet new rules on S3.
 *
 * <p>May import the store port only.
 */
@NullMarked
package io.takhin.tiered.store.memory;

import org.jspecify.annotations.NullMarked;
