/** The S3 adapter against the embedded server: real requests, real refusals. */
@NullMarked
package io.takhin.testkit.s3;

import org.jspecify.annotations.NullMarked;
