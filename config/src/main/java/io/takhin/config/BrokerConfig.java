package io.takhin.config;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * The server of the Kafka protocol.
 *
 * @param host address it listens on
 * @param port port it listens on; 0 takes a free one
 * @param advertisedHost host that clients are told to connect to; never a wildcard address
 * @param topics what holds for topics created without details
 * @param maxConnections client connections open at once
 * @param maxRequestBytes largest request a client may send, at most {@link Integer#MAX_VALUE}
 * @param shutdownTimeout how long a stop waits for running work
 */
public record BrokerConfig(
    String host,
    int port,
    String advertisedHost,
    TopicDefaults topics,
    int maxConnections,
    long maxRequestBytes,
    Duration shutdownTimeout) {

  public BrokerConfig {
    requireNonNull(host, "host");
    requireNonNull(advertisedHost, "advertisedHost");
    requireNonNull(topics, "topics");
    requireNonNull(shutdownTimeout, "shutdownTimeout");
  }
}
