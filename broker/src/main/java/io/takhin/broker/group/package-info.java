/**
 * Consumer groups: Kafka's group coordinator over one compacted log of this broker.
 *
 * <p>{@link io.takhin.broker.group.Groups} starts and stops the coordinator; its state is the log
 * {@code __consumer_offsets-0}, replayed at start. May import {@code log} and Kafka.
 */
@NullMarked
package io.takhin.broker.group;

import org.jspecify.annotations.NullMarked;
