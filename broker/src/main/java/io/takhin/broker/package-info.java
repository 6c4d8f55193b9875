/**
 * A single-node broker that speaks the Kafka protocol: {@link io.takhin.broker.Broker} wires the
 * parts and owns their life cycle, {@link io.takhin.broker.BrokerOptions} holds what an operator
 * may choose.
 *
 * <p>The log, the protocol and the group coordinator are Apache Kafka's own code, of one pinned
 * version; the packages {@code log}, {@code api} and {@code group} are the only ones that see it.
 * {@code net} knows frames and sockets, {@code tiering} is the port through which sealed segments
 * leave and come back. Only this package may import all of them.
 */
@NullMarked
package io.takhin.broker;

import org.jspecify.annotations.NullMarked;
