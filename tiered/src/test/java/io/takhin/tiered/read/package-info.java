/** Chunks, slabs and threads of the cold reads, one by one. */
@NullMarked
package io.takhin.tiered.read;

import org.jspecify.annotations.NullMarked;
