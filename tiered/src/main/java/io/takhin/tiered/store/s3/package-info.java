/**
 * The store on Amazon S3 and on servers that speak its API, through the AWS SDK, which no other
 * package sees.
 *
 * <p>May import {@code store}.
 */
@NullMarked
package io.takhin.tiered.store.s3;

import org.jspecify.annotations.NullMarked;
