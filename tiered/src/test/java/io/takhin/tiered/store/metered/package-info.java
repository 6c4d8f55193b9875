/** Tests of the counting store. */
@NullMarked
package io.takhin.tiered.store.metered;

import org.jspecify.annotations.NullMarked;
