/** The contract run by every adapter, and tests of the kit itself. */
@NullMarked
package io.takhin.testkit;

import org.jspecify.annotations.NullMarked;
