/** Tests of the rate limits. */
@NullMarked
package io.takhin.tiered.store.throttled;

import org.jspecify.annotations.NullMarked;
