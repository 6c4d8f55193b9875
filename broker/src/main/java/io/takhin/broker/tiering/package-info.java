/**
 * The port between the broker's logs and whatever moves sealed segments elsewhere.
 *
 * <p>Calls go both ways. The broker offers sealed segments and asks for cold ones through {@link
 * io.takhin.broker.tiering.Tiering}; the other side frees local files through {@link
 * io.takhin.broker.tiering.LocalPartitions}. A broker without tiering uses {@link
 * io.takhin.broker.tiering.LocalOnly}. Nothing here depends on Kafka's internals, only on its
 * public {@code TopicPartition}.
 */
@NullMarked
package io.takhin.broker.tiering;

import org.jspecify.annotations.NullMarked;
