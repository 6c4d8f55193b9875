/** Placeholder purpose, replaced by the module itself. */
@NullMarked
package io.takhin.tiered;

import org.jspecify.annotations.NullMarked;
