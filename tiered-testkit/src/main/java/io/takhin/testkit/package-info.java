/** Placeholder purpose, replaced by the module itself. */
@NullMarked
package io.takhin.testkit;

import org.jspecify.annotations.NullMarked;
