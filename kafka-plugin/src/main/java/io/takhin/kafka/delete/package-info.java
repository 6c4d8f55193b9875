/**
 * Removes from the bucket what the ledger says, in the background.
 *
 * <p>May import {@code ledger} and {@code layout}, and {@code store} of {@code tiered}; nothing of
 * Kafka.
 */
@NullMarked
package io.takhin.kafka.delete;

import org.jspecify.annotations.NullMarked;
