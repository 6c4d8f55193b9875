/**
 * The segment archiver as a remote storage manager of Apache Kafka (KIP-405), for brokers 3.9 and
 * later. Only this package and {@code config} know Kafka's types, and of those the public API only;
 * only this package wires.
 */
@NullMarked
package io.takhin.kafka;

import org.jspecify.annotations.NullMarked;
