/**
 * The segments of a broker that keeps its own record of them, such as Apache Kafka: what the bucket
 * holds, by topic and by segment, and what the broker asked for.
 *
 * <p>May import {@code http}, {@code stats}, {@code transfer}.
 */
@NullMarked
package io.takhin.console.remote;

import org.jspecify.annotations.NullMarked;
