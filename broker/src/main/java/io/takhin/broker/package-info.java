/** Placeholder purpose, replaced by the module itself. */
@NullMarked
package io.takhin.broker;

import org.jspecify.annotations.NullMarked;
