package io.takhin.broker;

import io.takhin.tiered.policy.RetentionPolicy;
import java.nio.file.Path;
import java.time.Duration;

/** Options for tests: a free port, small segments, short waits. */
final class TestOptions {
  private final Path dataDir;
  private int port;
  private int partitions = 1;
  private int segmentBytes = 1024 * 1024;
  private int maxConnections = 100;
  private int maxRequestBytes = 10 * 1024 * 1024;
  private boolean autoCreate = true;
  private Duration coldReadTimeout = Duration.ofSeconds(20);

  private TestOptions(Path dataDir) {
    this.dataDir = dataDir;
  }

  static TestOptions of(Path dataDir) {
    return new TestOptions(dataDir);
  }

  TestOptions port(int value) {
    port = value;
    return this;
  }

  TestOptions partitions(int value) {
    partitions = value;
    return this;
  }

  TestOptions segmentBytes(int value) {
    segmentBytes = value;
    return this;
  }

  TestOptions maxConnections(int value) {
    maxConnections = value;
    return this;
  }

  TestOptions maxRequestBytes(int value) {
    maxRequestBytes = value;
    return this;
  }

  TestOptions autoCreate(boolean value) {
    autoCreate = value;
    return this;
  }

  TestOptions coldReadTimeout(Duration value) {
    coldReadTimeout = value;
    return this;
  }

  BrokerOptions build() {
    return new BrokerOptions(
        "127.0.0.1",
        port,
        "127.0.0.1",
        dataDir,
        autoCreate,
        partitions,
        segmentBytes,
        maxConnections,
        maxRequestBytes,
        Duration.ofSeconds(5),
        coldReadTimeout,
        RetentionPolicy.NONE);
  }
}
