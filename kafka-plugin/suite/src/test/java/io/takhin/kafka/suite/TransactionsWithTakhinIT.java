package io.takhin.kafka.suite;

import io.takhin.embedded.s3.EmbeddedS3;
import io.takhin.embedded.s3.EmbeddedS3Exception;
import io.takhin.embedded.s3.EmbeddedS3Options;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.test.TestUtils;
import org.apache.kafka.tiered.storage.integration.TransactionsWithTieredStoreTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/**
 * Kafka's tests of transactions whose segments, of one batch each, are moved to remote storage as
 * soon as they are closed: three brokers, which are killed and started again, each with the
 * plugin's distribution in a class loader of its own. What is tested is inherited; this class only
 * says which remote storage.
 */
class TransactionsWithTakhinIT extends TransactionsWithTieredStoreTest {
  private static final String PREFIX = "rsm.config.takhin.";

  private static EmbeddedS3 server;
  private Map<String, String> plugin = Map.of();

  @BeforeAll
  static void startServer() throws EmbeddedS3Exception {
    Path directory = TestUtils.tempDirectory("embedded-s3").toPath();
    server = EmbeddedS3.start(EmbeddedS3Options.onFreePort(directory, "kafka-suite"));
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  @Override
  public void setUp(TestInfo test) {
    plugin =
        Map.of(
            "data.dir",
            TestUtils.tempDirectory("takhin").toString(),
            "key.prefix",
            UUID.randomUUID().toString(),
            "s3.bucket",
            server.bucket(),
            "s3.endpoint",
            server.endpoint().toString(),
            "s3.access.key.id",
            "test",
            "s3.secret.access.key",
            "test",
            "fetch.cache.size.bytes",
            "67108864",
            "fetch.read.ahead.bytes",
            "16777216");
    super.setUp(test);
  }

  @Override
  public Properties overridingProps() {
    Properties properties = super.overridingProps();
    properties.setProperty(
        "remote.log.storage.manager.class.name", "io.takhin.kafka.TakhinRemoteStorageManager");
    properties.setProperty(
        "remote.log.storage.manager.class.path",
        Path.of(System.getProperty("takhin.kafka.dist.dir")).resolve("*").toString());
    properties.setProperty("remote.log.storage.manager.impl.prefix", PREFIX);
    plugin.forEach((name, value) -> properties.setProperty(PREFIX + name, value));
    return properties;
  }
}
