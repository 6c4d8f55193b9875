/** Whole transfers from bucket to bucket, on stores that fail on purpose and on a real server. */
@NullMarked
package io.takhin.testkit.bucket;

import org.jspecify.annotations.NullMarked;
