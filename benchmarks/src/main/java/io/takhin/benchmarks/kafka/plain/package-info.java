/** The plugin to compare with. Brokers load it; nothing of ours is used by it, nor uses it. */
@NullMarked
package io.takhin.benchmarks.kafka.plain;

import org.jspecify.annotations.NullMarked;
