package io.takhin.kafka.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.takhin.kafka.node.NodeSettings.Plugin;
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
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;

/**
 * Nodes whose way to the bucket goes through a proxy, and topics that are tiered as soon as may be.
 */
final class TieredCluster implements AutoCloseable {
  private static final int SEGMENT_BYTES = 1 << 20;
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /** One of each node. */
  final List<KafkaNode> nodes;

  final FaultProxy proxy;
  final Admin admin;
  private final ObjectStore store;
  private final String prefix;

  private TieredCluster(List<KafkaNode> nodes, FaultProxy proxy, ObjectStore store, String prefix) {
    this.nodes = nodes;
    this.proxy = proxy;
    this.admin = Admin.create(clientSettings(nodes));
    this.store = store;
    this.prefix = prefix;
  }

  /** The releases to be tested, {@code -Dtakhin.kafka.releases}. */
  static List<String> releases() {
    return List.of(System.getProperty("takhin.kafka.releases").split(","));
  }

  /** Starts a single node. */
  static TieredCluster start(String name, String release, Path directory)
      throws IOException, InterruptedException {
    return start(name, release, 1, directory, Map.of());
  }

  /**
   * Starts several.
   *
   * @param settings of the plugin beside those of the bucket
   */
  static TieredCluster start(
      String name, String release, int count, Path directory, Map<String, String> settings)
      throws IOException, InterruptedException {
    return start(name, release, count, directory, new Plugin(settings, List.of()));
  }

  /**
   * Starts several.
   *
   * @param name of the test, for the names of files with what the nodes log
   * @param plugin with settings beside those of the bucket
   */
  static TieredCluster start(String name, String release, int count, Path directory, Plugin plugin)
      throws IOException, InterruptedException {
    EmbeddedS3Fixture s3 = EmbeddedS3Fixture.shared();
    String prefix = s3.freshPrefix().replaceAll("/$", "");
    FaultProxy proxy = FaultProxy.start(s3.endpoint());
    Map<String, String> settings = new HashMap<>(plugin.settings());
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
      List<KafkaNode> nodes =
          KafkaNode.start(name, release, count, directory, new Plugin(settings, plugin.ahead()));
      return new TieredCluster(nodes, proxy, store, prefix);
    } catch (IOException | InterruptedException | RuntimeException e) {
      store.close();
      proxy.close();
      throw e;
    }
  }

  private static Map<String, Object> clientSettings(List<KafkaNode> nodes) {
    return Map.of(
        "bootstrap.servers",
        nodes.stream().map(KafkaNode::address).collect(Collectors.joining(",")));
  }

  /** The node, of which there is one. */
  KafkaNode node() {
    assertThat(nodes).hasSize(1);
    return nodes.get(0);
  }

  /**
   * Creates a topic of one partition and segments of 1 MiB, of which only the last one stays.
   *
   * @return what writes to it and reads from it
   */
  Records create(String topic) throws Exception {
    NewTopic tiered =
        new NewTopic(topic, Optional.of(1), Optional.of((short) nodes.size()))
            .configs(
                Map.of(
                    "remote.storage.enable", "true",
                    "segment.bytes", Integer.toString(SEGMENT_BYTES),
                    "local.retention.bytes", "1",
                    "retention.bytes", "-1",
                    "min.insync.replicas", "1",
                    "file.delete.delay.ms", "100"));
    admin.createTopics(List.of(tiered)).all().get();
    return new Records(clientSettings(nodes), new TopicPartition(topic, 0));
  }

  /** The node that leads a partition now; empty while none does. */
  Optional<KafkaNode> leader(TopicPartition partition) throws Exception {
    TopicDescription topic =
        Objects.requireNonNull(
            admin
                .describeTopics(List.of(partition.topic()))
                .allTopicNames()
                .get()
                .get(partition.topic()));
    Optional<Node> leader =
        Optional.ofNullable(topic.partitions().get(partition.partition()).leader());
    return nodes.stream()
        .filter(node -> leader.filter(found -> found.id() == node.id()).isPresent())
        .findAny();
  }

  /** Waits until only the active segment of the partition is on the disks of nodes that run. */
  void awaitFreed(TopicPartition partition) {
    for (KafkaNode node : nodes.stream().filter(KafkaNode::isAlive).toList()) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(node.localLogBytes(partition.toString()))
                      .as("bytes left on the disk of node %d", node.id())
                      .isLessThanOrEqualTo(SEGMENT_BYTES));
    }
  }

  /** All objects of this cluster, past the proxy. */
  List<String> keys() throws StoreException {
    return store.list(prefix, null, 1000).stream()
        .map(StoredObject::key)
        .map(ObjectKey::value)
        .toList();
  }

  /** Those of one topic. */
  List<String> keys(String topic) throws StoreException {
    return keys().stream().filter(key -> key.contains("/" + topic + "-")).toList();
  }

  /** Deletes topics, and waits until nothing of theirs is in the bucket, nor of anything else. */
  void deleteAndAwaitEmpty(Records... all) throws Exception {
    for (Records records : all) {
      admin.deleteTopics(List.of(records.partition().topic())).all().get();
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(keys()).isEmpty();
              assertThat(store.pendingUploads(prefix)).isEmpty();
            });
  }

  @Override
  public void close() throws IOException {
    admin.close(Duration.ofSeconds(5));
    nodes.forEach(KafkaNode::close);
    proxy.close();
    store.close();
  }
}
