/**
 * The Kafka protocol: which requests are understood, in which versions, and what they do.
 *
 * <p>{@link io.takhin.broker.api.Protocol} parses a frame and hands it to the class of its family:
 * produce, fetch, list offsets, topics, settings, cluster, groups. May import {@code net}, {@code
 * log}, {@code group}, {@code tiering} and Kafka.
 */
@NullMarked
package io.takhin.broker.api;

import org.jspecify.annotations.NullMarked;
