package io.takhin.kafka.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.kafka.node.Records.Digest;
import io.takhin.testkit.LeavesObjects;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Records of aborted transactions stay hidden when they are read from the bucket. */
@LeavesObjects(
    value = "nodes are stopped while they copy, which their next start would settle",
    uploads = true)
class TransactionsNodeIT {
  @TempDir Path directory;

  static List<String> releases() {
    return TieredCluster.releases();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void onlyWhatWasCommittedIsRead(String release) throws Exception {
    try (TieredCluster cluster = TieredCluster.start(release, directory, Map.of())) {
      TopicPartition partition = cluster.create("transactions");
      Records records = new Records(cluster.node, partition);
      Digest committed = records.produceTransactions(40, 300, 5);
      cluster.awaitFreed(partition);

      Digest read = records.consumeCommitted(Duration.ofSeconds(90));

      assertThat(read).isEqualTo(committed);
    }
  }
}
