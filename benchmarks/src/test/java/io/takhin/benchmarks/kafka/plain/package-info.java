@NullMarked
package io.takhin.benchmarks.kafka.plain;

import org.jspecify.annotations.NullMarked;
