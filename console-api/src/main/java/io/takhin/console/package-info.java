/** Placeholder purpose, replaced by the module itself. */
@NullMarked
package io.takhin.console;

import org.jspecify.annotations.NullMarked;
