/**
 * Reads remote segments: records as a stream, indexes whole.
 *
 * <p>May import {@code layout}, and {@code read}, {@code segment}, {@code store} and {@code
 * transfer} of {@code tiered}; nothing of Kafka.
 */
@NullMarked
package io.takhin.kafka.fetch;

import org.jspecify.annotations.NullMarked;
