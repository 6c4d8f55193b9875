package io.takhin.kafka.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.takhin.kafka.node.Records.Digest;
import io.takhin.testkit.Fault;
import io.takhin.testkit.LeavesObjects;
import io.takhin.testkit.S3Operation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a broker makes of a slow store, and what of it the plugin absorbs. */
@LeavesObjects(
    value = "nodes are stopped while they copy, which their next start would settle",
    uploads = true)
class SlowStoreNodeIT {
  private static final int RECORDS = 10_000;

  @TempDir Path directory;

  static List<String> releases() {
    return TieredCluster.releases();
  }

  /** Brokers give up a fetch after 500 ms and throw away what comes later. */
  @ParameterizedTest
  @MethodSource("releases")
  void consumersProgressThoughEachRequestTakesLongerThanTheBrokerWaits(String release)
      throws Exception {
    try (TieredCluster cluster =
        TieredCluster.start(release, directory, Map.of("fetch.cache.size.bytes", "67108864"))) {
      for (Duration latency : List.of(Duration.ofMillis(800), Duration.ofSeconds(3))) {
        TopicPartition partition = cluster.create("slow-" + latency.toMillis());
        Records records = new Records(cluster.node, partition);
        Digest written = records.produce(RECORDS, 2);
        cluster.awaitFreed(partition);
        Fault slow = cluster.proxy.on(S3Operation.GET_OBJECT).latency(latency);

        Digest read = records.consume(0, RECORDS, Duration.ofMinutes(2));

        slow.release();
        assertThat(read).isEqualTo(written);
        assertThat(slow.fired()).isPositive();
      }
    }
  }

  /** Brokers delete a topic's segments one by one on the thread that loads their metadata. */
  @ParameterizedTest
  @MethodSource("releases")
  void deletingATopicWithSlowDeletesDelaysNoOtherTopic(String release) throws Exception {
    try (TieredCluster cluster = TieredCluster.start(release, directory, Map.of())) {
      TopicPartition partition = cluster.create("doomed");
      Digest unused = new Records(cluster.node, partition).produce(RECORDS * 2, 3);
      cluster.awaitFreed(partition);
      Fault slow = cluster.proxy.on(S3Operation.DELETE_OBJECT).latency(Duration.ofMillis(500));

      cluster.delete("doomed");
      await().untilAsserted(() -> assertThat(slow.fired()).isPositive());
      TopicPartition other = cluster.create("other");
      Records records = new Records(cluster.node, other);
      Digest written = records.produce(5000, 4);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> cluster.keys().stream().anyMatch(key -> key.contains("/other-")));

      assertThat(cluster.keys().stream().filter(key -> key.contains("/doomed-")))
          .as("the other topic was tiered while the deletes were under way")
          .isNotEmpty();
      slow.release();
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> cluster.keys().stream().noneMatch(key -> key.contains("/doomed-")));
      assertThat(records.consume(0, 5000, Duration.ofMinutes(1))).isEqualTo(written);
    }
  }
}
