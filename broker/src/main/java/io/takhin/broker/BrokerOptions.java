package io.takhin.broker;

import io.takhin.tiered.policy.RetentionPolicy;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What an operator chooses for one broker.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 takes a free one, which {@link Broker#port} tells
 * @param advertisedHost the host name that clients are told to connect to
 * @param dataDir where the logs lie; created when absent, used by one process at a time
 * @param autoCreateTopics whether asking for an unknown topic creates it
 * @param defaultPartitions how many partitions a topic gets that does not say
 * @param defaultSegmentBytes the size at which a segment is sealed, unless the topic says otherwise
 * @param maxConnections connections above this number are closed at once
 * @param maxRequestBytes the largest request; a larger one closes its connection
 * @param shutdownTimeout how long a stop waits for requests that are being served
 * @param coldReadTimeout how long a fetch waits for an archived segment before it answers with no
 *     records; clients give up on a request after 30 seconds, so stay below that
 * @param defaultRetention how much is kept of a topic that does not say
 */
public record BrokerOptions(
    String host,
    int port,
    String advertisedHost,
    Path dataDir,
    boolean autoCreateTopics,
    int defaultPartitions,
    int defaultSegmentBytes,
    int maxConnections,
    int maxRequestBytes,
    Duration shutdownTimeout,
    Duration coldReadTimeout,
    RetentionPolicy defaultRetention) {
  /** A segment has to hold a batch, and its indexes some entries. */
  public static final int MIN_SEGMENT_BYTES = 16 * 1024;

  public BrokerOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: expected 0 to 65535, got " + port);
    }
    atLeast("defaultPartitions", 1, defaultPartitions);
    atLeast("defaultSegmentBytes", MIN_SEGMENT_BYTES, defaultSegmentBytes);
    atLeast("maxConnections", 1, maxConnections);
    atLeast("maxRequestBytes", 1024, maxRequestBytes);
    notNegative("shutdownTimeout", shutdownTimeout);
    notNegative("coldReadTimeout", coldReadTimeout);
  }

  /** The defaults, listening on a loopback address only. */
  public static BrokerOptions withDefaults(Path dataDir) {
    return new BrokerOptions(
        "127.0.0.1",
        9092,
        "127.0.0.1",
        dataDir,
        true,
        1,
        1024 * 1024 * 1024,
        1000,
        100 * 1024 * 1024,
        Duration.ofSeconds(10),
        Duration.ofSeconds(20),
        RetentionPolicy.NONE);
  }

  private static void atLeast(String name, int least, int value) {
    if (value < least) {
      throw new IllegalArgumentException(name + ": expected at least " + least + ", got " + value);
    }
  }

  private static void notNegative(String name, Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + ": expected no negative duration, got " + value);
    }
  }
}
