/** Placeholder purpose, replaced by the module itself. */
@NullMarked
package io.takhin.embedded.s3;

import org.jspecify.annotations.NullMarked;
