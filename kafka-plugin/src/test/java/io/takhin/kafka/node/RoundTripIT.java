package io.takhin.kafka.node;

import static io.takhin.kafka.node.Records.READ_TIME;
import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.kafka.node.Records.Digest;
import io.takhin.testkit.Fault;
import io.takhin.testkit.S3Operation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The whole way on a real node: produce, tier, free local segments; read all of it, from an offset,
 * from a time, and what was committed; kill, read again; delete. In every build, on the oldest and
 * the newest release.
 */
class RoundTripIT {
  private static final int RECORDS = 10_000;

  @TempDir Path directory;

  static List<String> releases() {
    return TieredCluster.releases();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void whatWasTieredIsReadSurvivesAKillAndGoesWithItsTopic(String release) throws Exception {
    try (TieredCluster cluster = TieredCluster.start("round-trip", release, directory)) {
      Records records = cluster.create("tiered");
      Records transactions = cluster.create("transactions");
      records.produce(RECORDS);
      Digest committed = transactions.produceTransactions(8, 400);
      cluster.awaitFreed(records.partition());
      cluster.awaitFreed(transactions.partition());

      readsInFewRequests(cluster, records);
      assertThat(records.consume(4321, 2000, READ_TIME)).isEqualTo(records.expected(4321, 2000));
      assertThat(records.offsetAt(records.timestampMillis(3456))).isEqualTo(3456);
      assertThat(records.offsetAt(records.timestampMillis(5678) - 1)).isEqualTo(5678);
      assertThat(transactions.consumeCommitted(READ_TIME)).isEqualTo(committed);

      cluster.node().kill();
      cluster.node().startAgain();

      assertThat(records.consume(0, RECORDS, READ_TIME))
          .as("after kill -9")
          .isEqualTo(records.expected(0, RECORDS));
      cluster.deleteAndAwaitEmpty(records, transactions);
    }
  }

  /**
   * Brokers ask for three indexes of each segment and then for the data, a fetch of a consumer's at
   * a time, and name one segment after the other.
   */
  private static void readsInFewRequests(TieredCluster cluster, Records records) throws Exception {
    long segments = cluster.keys("tiered").stream().filter(key -> key.endsWith(".log")).count();
    Fault data = requests(cluster, ".log");
    Fault indexes = requests(cluster, ".indexes");

    Digest read = records.consume(0, RECORDS, READ_TIME);

    assertThat(read).isEqualTo(records.expected(0, RECORDS));
    assertThat(segments).isBetween(8L, 12L);
    assertThat(indexes.fired()).as("requests for indexes").isBetween(1, (int) segments);
    assertThat(data.fired()).as("requests for records").isBetween(1, 3 * (int) segments);
    data.release();
    indexes.release();
  }

  private static Fault requests(TieredCluster cluster, String ending) {
    return cluster
        .proxy
        .on(S3Operation.GET_OBJECT)
        .targets(target -> target.contains(ending))
        .latency(Duration.ZERO);
  }
}
