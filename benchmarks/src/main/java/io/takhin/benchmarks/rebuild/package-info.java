/** How long it takes to make a catalog from a bucket. */
@NullMarked
package io.takhin.benchmarks.rebuild;

import org.jspecify.annotations.NullMarked;
