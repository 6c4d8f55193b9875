@NullMarked
package io.takhin.benchmarks.kafka;

import org.jspecify.annotations.NullMarked;
