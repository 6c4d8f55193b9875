/** Measurements, never distributed; {@code benchmarks/run} starts them. */
@NullMarked
package io.takhin.benchmarks;

import org.jspecify.annotations.NullMarked;
