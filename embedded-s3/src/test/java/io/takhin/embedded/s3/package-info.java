/** Starts, stops and kills real server processes. */
@NullMarked
package io.takhin.embedded.s3;

import org.jspecify.annotations.NullMarked;
