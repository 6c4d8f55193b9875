/**
 * Steps 3 and 4, UPLOAD and VERIFY: moves bytes between local files and the store and proves what
 * arrived.
 *
 * <p>May import {@code segment} and {@code store}; knows nothing of the catalog.
 */
@NullMarked
package io.takhin.tiered.transfer;

import org.jspecify.annotations.NullMarked;
