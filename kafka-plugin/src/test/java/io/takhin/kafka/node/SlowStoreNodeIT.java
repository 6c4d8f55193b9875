package io.takhin.kafka.node;

import static io.takhin.kafka.node.Records.READ_TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.takhin.kafka.node.Records.Digest;
import io.takhin.testkit.Fault;
import io.takhin.testkit.LeavesObjects;
import io.takhin.testkit.S3Operation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
    try (TieredCluster cluster = TieredCluster.start("slow-read", release, directory)) {
      for (Duration latency : List.of(Duration.ofMillis(800), Duration.ofSeconds(3))) {
        Records records = cluster.create("slow-" + latency.toMillis());
        records.produce(RECORDS);
        cluster.awaitFreed(records.partition());
        Fault slow = cluster.proxy.on(S3Operation.GET_OBJECT).latency(latency);

        Digest read = records.consume(0, RECORDS, Duration.ofMinutes(2));

        slow.release();
        assertThat(read).isEqualTo(records.expected(0, RECORDS));
        assertThat(slow.fired()).isPositive();
        cluster.deleteAndAwaitEmpty(records);
      }
    }
  }

  /** Brokers delete a topic's segments one by one on the thread that loads their metadata. */
  @ParameterizedTest
  @MethodSource("releases")
  void deletingATopicWithSlowDeletesDelaysNoOtherTopic(String release) throws Exception {
    try (TieredCluster cluster = TieredCluster.start("slow-delete", release, directory)) {
      Records doomed = cluster.create("doomed");
      doomed.produce(RECORDS * 2);
      cluster.awaitFreed(doomed.partition());
      Fault slow = cluster.proxy.on(S3Operation.DELETE_OBJECT).latency(Duration.ofSeconds(2));

      cluster.admin.deleteTopics(List.of("doomed")).all().get();
      await().until(() -> slow.fired() > 0);
      Records other = cluster.create("other");
      other.produce(RECORDS / 2);
      cluster.awaitFreed(other.partition());

      assertThat(cluster.keys("doomed"))
          .as("the other topic was tiered while the deletes were under way")
          .isNotEmpty();
      slow.release();
      assertThat(other.consume(0, RECORDS / 2, READ_TIME))
          .isEqualTo(other.expected(0, RECORDS / 2));
      cluster.deleteAndAwaitEmpty(other);
    }
  }
}
