/**
 * Copies a segment into the bucket and proves the copy.
 *
 * <p>May import {@code layout} and {@code ledger}, and {@code segment}, {@code store} and {@code
 * transfer} of {@code tiered}; nothing of Kafka.
 */
@NullMarked
package io.takhin.kafka.copy;

import org.jspecify.annotations.NullMarked;
