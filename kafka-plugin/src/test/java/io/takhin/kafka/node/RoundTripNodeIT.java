package io.takhin.kafka.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.takhin.kafka.node.Records.Digest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The whole way on a real node: produce, tier, free local segments, read all, kill, read all again,
 * delete the topic.
 */
class RoundTripNodeIT {
  private static final int RECORDS = 20_000;
  private static final Duration READ_TIME = Duration.ofSeconds(90);

  @TempDir Path directory;

  static List<String> releases() {
    return TieredCluster.releases();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void whatWasTieredIsReadSurvivesAKillAndGoesWithItsTopic(String release) throws Exception {
    try (TieredCluster cluster = TieredCluster.start(release, directory, Map.of())) {
      TopicPartition partition = cluster.create("tiered");
      Records records = new Records(cluster.node, partition);
      Digest written = records.produce(RECORDS, 1);
      cluster.awaitFreed(partition);
      assertThat(cluster.keys()).hasSizeGreaterThan(3 * 10);

      assertThat(records.consume(0, RECORDS, READ_TIME)).isEqualTo(written);

      cluster.node.kill();
      cluster.node.restart();
      assertThat(records.consume(0, RECORDS, READ_TIME)).as("after kill -9").isEqualTo(written);

      cluster.delete("tiered");
      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(() -> assertThat(cluster.keys()).isEmpty());
    }
  }
}
