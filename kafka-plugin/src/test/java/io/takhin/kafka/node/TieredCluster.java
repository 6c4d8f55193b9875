package io.takhin.kafka.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.takhin.testkit.EmbeddedS3Fixture;
import io.takhin.testkit.FaultProxy;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Options.StaticKeys;
import io.takhin.tiered.store.s3.S3Store;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartition;

/**
 * A node whose way to the bucket goes through a proxy, and topics that are tiered as soon as may
 * be.
 */
final class TieredCluster implements AutoCloseable {
  private static final long ACTIVE_SEGMENT_BYTES = 4 << 20;

  final KafkaNode node;
  final FaultProxy proxy;
  final Admin admin;
  private final ObjectStore store;
  private final String prefix;

  private TieredCluster(KafkaNode node, FaultProxy proxy, ObjectStore store, String prefix) {
    this.node = node;
    this.proxy = proxy;
    this.admin = Admin.create(node.clientSettings());
    this.store = store;
    this.prefix = prefix;
  }

  /** The releases to be tested, {@code -Dtakhin.kafka.releases}. */
  static List<String> releases() {
    return List.of(System.getProperty("takhin.kafka.releases", "3.9,4.4").split(","));
  }

  /**
   * Starts one.
   *
   * @param plugin settings beside those of the bucket
   */
  static TieredCluster start(String release, Path directory, Map<String, String> plugin)
      throws IOException, InterruptedException {
    EmbeddedS3Fixture s3 = EmbeddedS3Fixture.shared();
    String prefix = s3.freshPrefix().replaceAll("/$", "");
    FaultProxy proxy = FaultProxy.start(s3.endpoint());
    Map<String, String> settings = new HashMap<>(plugin);
    settings.put("data.dir", directory.resolve("plugin").toString());
    settings.put("s3.bucket", s3.bucket());
    settings.put("s3.endpoint", proxy.endpoint().toString());
    settings.put("s3.access.key.id", "test");
    settings.put("s3.secret.access.key", "test");
    settings.put("key.prefix", prefix);
    ObjectStore store =
        new S3Store(
            S3Options.at(s3.endpoint(), s3.bucket(), "us-east-1")
                .withKeys(new StaticKeys("test", "test")));
    try {
      return new TieredCluster(KafkaNode.start(release, directory, settings), proxy, store, prefix);
    } catch (IOException | InterruptedException | RuntimeException e) {
      store.close();
      proxy.close();
      throw e;
    }
  }

  /** Creates a topic of one partition and segments of 1 MiB, of which only the last one stays. */
  TopicPartition create(String topic) throws Exception {
    NewTopic tiered =
        new NewTopic(topic, Optional.of(1), Optional.of((short) 1))
            .configs(
                Map.of(
                    "remote.storage.enable", "true",
                    "segment.bytes", "1048576",
                    "local.retention.bytes", "1",
                    "retention.bytes", "-1",
                    "file.delete.delay.ms", "100"));
    admin.createTopics(List.of(tiered)).all().get();
    return new TopicPartition(topic, 0);
  }

  void delete(String topic) throws Exception {
    admin.deleteTopics(List.of(topic)).all().get();
  }

  /** Waits until nearly nothing of the partition is on the broker's disk. */
  void awaitFreed(TopicPartition partition) {
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () ->
                assertThat(node.localLogBytes(partition.toString()))
                    .as("bytes left on the broker's disk")
                    .isLessThan(ACTIVE_SEGMENT_BYTES));
  }

  /** All objects of this cluster, past the proxy. */
  List<String> keys() throws StoreException {
    return store.list(prefix, null, 1000).stream()
        .map(StoredObject::key)
        .map(ObjectKey::value)
        .toList();
  }

  @Override
  public void close() throws IOException {
    admin.close(Duration.ofSeconds(5));
    node.close();
    proxy.close();
    store.close();
  }
}
