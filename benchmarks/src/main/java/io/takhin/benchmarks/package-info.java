/** Placeholder purpose, replaced by the module itself. */
@NullMarked
package io.takhin.benchmarks;

import org.jspecify.annotations.NullMarked;
