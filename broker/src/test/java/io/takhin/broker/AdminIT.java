package io.takhin.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminIT {
  @TempDir Path dataDir;
  private Broker broker;
  private Clients clients;
  private Admin admin;

  @BeforeEach
  void start() throws Exception {
    broker = Broker.start(TestOptions.of(dataDir).partitions(3).build());
    clients = new Clients(broker.port());
    admin = clients.admin();
  }

  @AfterEach
  void stop() throws Exception {
    admin.close();
    broker.close();
  }

  private void restart() throws Exception {
    stop();
    start();
  }

  private Config configOf(String topic) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return Clients.of(admin.describeConfigs(List.of(resource)).all().get(), resource);
  }

  private TopicDescription describe(String topic) throws Exception {
    return Clients.of(admin.describeTopics(List.of(topic)).allTopicNames().get(), topic);
  }

  private void create(NewTopic topic) throws Exception {
    admin.createTopics(List.of(topic)).all().get();
  }

  @Test
  void aTopicKeepsItsIdPartitionsAndSettingsOverARestart() throws Exception {
    // Given
    create(
        new NewTopic("t", 2, (short) 1)
            .configs(Map.of("segment.bytes", "65536", "retention.ms", "3600000")));
    Uuid id = describe("t").topicId();

    // When
    restart();

    // Then
    TopicDescription described = describe("t");
    assertThat(described.topicId()).isEqualTo(id);
    assertThat(described.partitions()).hasSize(2);
    assertThat(configOf("t").get("segment.bytes").value()).isEqualTo("65536");
    assertThat(configOf("t").get("retention.ms").value()).isEqualTo("3600000");
    assertThat(configOf("t").get("retention.ms").isDefault()).isFalse();
    assertThat(configOf("t").get("retention.bytes").isDefault()).isTrue();
  }

  @Test
  void topicsAreListedWithoutTheBrokersOwn() throws Exception {
    create(new NewTopic("a", 1, (short) 1));
    create(new NewTopic("b", 1, (short) -1));

    assertThat(admin.listTopics().names().get()).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void aTopicWithoutPartitionCountGetsTheBrokersDefault() throws Exception {
    create(new NewTopic("d", java.util.Optional.empty(), java.util.Optional.empty()));

    assertThat(describe("d").partitions()).hasSize(3);
  }

  @Test
  void aDeletedTopicIsGoneWithItsFilesAndItsNameIsFree() throws Exception {
    // Given
    clients.createTopic("gone", 1, Map.of());
    clients.send("gone", Clients.values("old", 100));

    // When
    admin.deleteTopics(List.of("gone")).all().get();

    // Then
    assertThat(admin.listTopics().names().get()).doesNotContain("gone");
    assertThat(Files.exists(dataDir.resolve("gone-0"))).isFalse();
    clients.createTopic("gone", 1, Map.of());
    clients.send("gone", List.of("new"));
    assertThat(clients.read("gone", 0, 0, 1)).containsExactly("new");
  }

  @Test
  void badTopicsAreRefusedEachForItsOwnReason() throws Exception {
    create(new NewTopic("there", 1, (short) 1));

    assertRefused(new NewTopic("there", 1, (short) 1), TopicExistsException.class);
    assertRefused(new NewTopic("../x", 1, (short) 1), InvalidTopicException.class);
    assertRefused(new NewTopic("__consumer_offsets", 1, (short) 1), InvalidTopicException.class);
    assertRefused(new NewTopic("r", 1, (short) 3), InvalidReplicationFactorException.class);
    assertRefused(
        new NewTopic("c", 1, (short) 1).configs(Map.of("segment.bytes", "12")),
        InvalidConfigurationException.class);
    assertRefused(
        new NewTopic("c", 1, (short) 1).configs(Map.of("no.such.config", "1")),
        InvalidConfigurationException.class);
    assertRefused(
        new NewTopic("c", 1, (short) 1).configs(Map.of("remote.storage.enable", "true")),
        InvalidConfigurationException.class);
    assertThat(admin.listTopics().names().get()).isEqualTo(Set.of("there"));
  }

  private void assertRefused(NewTopic topic, Class<? extends Exception> reason) {
    assertThatThrownBy(() -> create(topic)).hasCauseInstanceOf(reason);
  }

  @Test
  void settingsOfATopicAreChangedAndUnset() throws Exception {
    // Given
    create(new NewTopic("t", 1, (short) 1).configs(Map.of("retention.ms", "1000000")));
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, "t");

    // When
    admin
        .incrementalAlterConfigs(
            Map.of(
                resource,
                List.of(
                    new AlterConfigOp(new ConfigEntry("segment.bytes", "131072"), OpType.SET),
                    new AlterConfigOp(new ConfigEntry("retention.ms", ""), OpType.DELETE))))
        .all()
        .get();

    // Then
    assertThat(configOf("t").get("segment.bytes").value()).isEqualTo("131072");
    assertThat(configOf("t").get("retention.ms").value()).isEqualTo("-1");
  }

  @Test
  void partitionsAreAddedAndKeepWhatIsThere() throws Exception {
    // Given
    create(new NewTopic("grow", 1, (short) 1));
    clients.send("grow", List.of("kept"));

    // When
    admin.createPartitions(Map.of("grow", NewPartitions.increaseTo(3))).all().get();

    // Then
    clients.send("grow", 2, List.of("added"), Map.of());
    assertThat(clients.read("grow", 0, 0, 1)).containsExactly("kept");
    assertThat(clients.read("grow", 2, 0, 1)).containsExactly("added");
  }

  @Test
  void theClusterIsThisNode() throws Exception {
    var nodes = admin.describeCluster().nodes().get();

    assertThat(nodes).singleElement().extracting("port").isEqualTo(broker.port());
    String id = admin.describeCluster().clusterId().get();
    restart();
    assertThat(admin.describeCluster().clusterId().get()).isEqualTo(id);
  }

  @Test
  void deletedRecordsStayDeletedOverARestart() throws Exception {
    // Given
    clients.createTopic("t", 1, Map.of("segment.bytes", "16384"));
    TopicPartition partition = new TopicPartition("t", 0);
    clients.send("t", 0, Clients.values("v", 2000), Map.of("batch.size", 4096));

    // When
    admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(1500))).all().get();
    restart();

    // Then
    assertThat(earliest(partition)).isEqualTo(1500);
    assertThat(clients.read("t", 0, 1500, 500)).hasSize(500);
  }

  @Test
  void recordsOlderThanTheirRetentionAreDropped() throws Exception {
    // Given
    clients.createTopic("t", 1, Map.of("segment.bytes", "16384", "retention.ms", "1"));
    clients.send("t", 0, Clients.values("v", 2000), Map.of("batch.size", 4096));
    TopicPartition partition = new TopicPartition("t", 0);

    // Then
    Awaitility.await()
        .atMost(Clients.LONG_ENOUGH)
        .untilAsserted(
            () -> {
              assertThat(earliest(partition)).isGreaterThan(1000);
              try (var files = Files.list(dataDir.resolve("t-0"))) {
                assertThat(files.filter(file -> file.toString().endsWith(".log")))
                    .hasSizeLessThan(3);
              }
            });
  }

  private long earliest(TopicPartition partition) throws Exception {
    return Clients.of(
            admin.listOffsets(Map.of(partition, OffsetSpec.earliest())).all().get(), partition)
        .offset();
  }
}
