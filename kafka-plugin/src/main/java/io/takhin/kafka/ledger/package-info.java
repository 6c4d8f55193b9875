/**
 * What of the bucket is, or may be, to be removed: a durable list on the broker's disk.
 *
 * <p>May import {@code layout}, and {@code segment} and {@code store} of {@code tiered}; nothing of
 * Kafka.
 */
@NullMarked
package io.takhin.kafka.ledger;

import org.jspecify.annotations.NullMarked;
