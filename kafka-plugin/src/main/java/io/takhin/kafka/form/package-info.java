/**
 * How the bytes of a segment are stored: compression, encryption and the keys for it. Computes, no
 * I/O but the reading of key files.
 *
 * <p>May import {@code layout}, and {@code segment} of {@code tiered}; zstd-jni, which every broker
 * brings; nothing of Kafka.
 */
@NullMarked
package io.takhin.kafka.form;

import org.jspecify.annotations.NullMarked;
