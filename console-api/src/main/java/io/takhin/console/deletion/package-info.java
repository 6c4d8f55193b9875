/** What is kept from being removed, and what is deleted and can still be brought back. */
@NullMarked
package io.takhin.console.deletion;

import org.jspecify.annotations.NullMarked;
