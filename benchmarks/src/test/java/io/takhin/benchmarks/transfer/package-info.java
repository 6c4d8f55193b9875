/** Tests of the benchmark's own parts. */
@NullMarked
package io.takhin.benchmarks.transfer;

import org.jspecify.annotations.NullMarked;
