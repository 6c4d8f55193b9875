/** Segments that failed by themselves, and whether this process may write to its prefix. */
@NullMarked
package io.takhin.console.isolation;

import org.jspecify.annotations.NullMarked;
