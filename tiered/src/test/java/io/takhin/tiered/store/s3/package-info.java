/** The S3 adapter against a server that misbehaves as told. */
@NullMarked
package io.takhin.tiered.store.s3;

import org.jspecify.annotations.NullMarked;
