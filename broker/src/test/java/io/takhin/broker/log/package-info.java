/** Tests of the logs and of what is durable beside them. */
@NullMarked
package io.takhin.broker.log;

import org.jspecify.annotations.NullMarked;
