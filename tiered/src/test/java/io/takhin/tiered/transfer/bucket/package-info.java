/** Tests of the transfer's parts; whole transfers are tested with the kit's stores, over there. */
@NullMarked
package io.takhin.tiered.transfer.bucket;

import org.jspecify.annotations.NullMarked;
