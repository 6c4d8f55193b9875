/**
 * What reading segments costs that only the bucket has: how fast, how many bytes are fetched for
 * those that are served, and how long a reader waits.
 *
 * <p>{@link io.takhin.benchmarks.coldread.ColdReadBenchmarks} directs. The store is the sink of
 * {@link io.takhin.benchmarks.transfer}, or the embedded S3 server, in a process of its own, with
 * and without a wait before each answer; what was fetched is what it says that it sent.
 */
@NullMarked
package io.takhin.benchmarks.coldread;

import org.jspecify.annotations.NullMarked;
