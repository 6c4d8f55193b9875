/**
 * The plugin's configuration: {@code rsm.config.*} of a broker, as typed records.
 *
 * <p>May import options of {@code tiered} and Kafka's public {@code common.config}.
 */
@NullMarked
package io.takhin.kafka.config;

import org.jspecify.annotations.NullMarked;
