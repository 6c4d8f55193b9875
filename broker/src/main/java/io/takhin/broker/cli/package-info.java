/**
 * The command line: {@code takhin start | demo | stats | segments | archive | restore | transfers |
 * limits | health}.
 *
 * <p>{@code start} and {@code demo} run a broker in this process; the others talk to a running one
 * through its console.
 */
@NullMarked
package io.takhin.broker.cli;

import org.jspecify.annotations.NullMarked;
