/** Tests of the whole broker, through its port. */
@NullMarked
package io.takhin.broker;

import org.jspecify.annotations.NullMarked;
