/** Placeholder purpose, replaced by the module itself. */
@NullMarked
package io.takhin.config;

import org.jspecify.annotations.NullMarked;
