/**
 * What a real Kafka node makes of a remote storage manager: how fast it copies, how fast a consumer
 * reads what only the bucket has, and what both cost; for our plugin and for a plain one.
 *
 * <p>{@link io.takhin.benchmarks.kafka.KafkaBenchmarks} directs. The node is a process of its own,
 * from the published jars; the store is the sink of {@link io.takhin.benchmarks.transfer}, which
 * keeps here what it is sent.
 */
@NullMarked
package io.takhin.benchmarks.kafka;

import org.jspecify.annotations.NullMarked;
