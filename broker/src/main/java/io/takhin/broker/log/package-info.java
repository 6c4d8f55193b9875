/**
 * Topics, their partitions and what is durable about them.
 *
 * <p>{@link io.takhin.broker.log.LogStore} owns everything below the data directory: the topics
 * ({@code .topics/<topic>.properties}), one {@link io.takhin.broker.log.PartitionLog} for each
 * partition ({@code <topic>-<partition>/}, Kafka's own format), the checkpoints, and the background
 * work of rolling, offering sealed segments and retention. A partition log wraps Kafka's {@code
 * UnifiedLog}. May import {@code tiering} and Kafka.
 */
@NullMarked
package io.takhin.broker.log;

import org.jspecify.annotations.NullMarked;
