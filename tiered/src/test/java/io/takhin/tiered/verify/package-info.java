/** The parts of the verification, one by one. */
@NullMarked
package io.takhin.tiered.verify;

import org.jspecify.annotations.NullMarked;
