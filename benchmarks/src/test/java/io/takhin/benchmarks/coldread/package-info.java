@NullMarked
package io.takhin.benchmarks.coldread;

import org.jspecify.annotations.NullMarked;
