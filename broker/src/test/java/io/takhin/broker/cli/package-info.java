/** Tests of the command line, in this process and against a real server. */
@NullMarked
package io.takhin.broker.cli;

import org.jspecify.annotations.NullMarked;
