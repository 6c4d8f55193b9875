/**
 * What the plugin writes to the bucket and to Kafka's metadata: keys, the combined index object,
 * the manifest and the custom metadata of a segment. Values and formats, no I/O.
 *
 * <p>May import {@code segment} and {@code store} of {@code tiered}; nothing of Kafka.
 */
@NullMarked
package io.takhin.kafka.layout;

import org.jspecify.annotations.NullMarked;
