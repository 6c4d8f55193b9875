/**
 * Connections: accepting, framing, bounds, and the way of response bytes to the socket.
 *
 * <p>Each connection has one thread, which reads a request, has it answered, sends the answer, and
 * only then reads the next: order is kept and one request is in flight. Blocking channels let the
 * kernel send file contents directly. A thread is never interrupted, because interrupting a thread
 * inside a file operation closes the file for everybody; connections are ended by shutting down
 * their sockets. May import nothing of ours; of Kafka only what describes bytes to be sent.
 */
@NullMarked
package io.takhin.broker.net;

import org.jspecify.annotations.NullMarked;
