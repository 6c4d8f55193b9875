package io.takhin.kafka.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.kafka.form.KeyFiles;
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
 * Compressed and encrypted segments on a real node, whose zstd the plugin finds through the
 * broker's own class loader.
 */
class StoredFormNodeIT {
  private static final int RECORDS = 20_000;

  @TempDir Path directory;

  static List<String> releases() {
    return TieredCluster.releases();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void whatWasCompressedAndEncryptedIsRead(String release) throws Exception {
    Path key = KeyFiles.aes(directory.resolve("key"), 1);
    Map<String, String> plugin =
        Map.of(
            "compression.type", "zstd",
            "encryption.keys", "k1=" + key,
            "encryption.key.id", "k1");
    try (TieredCluster cluster = TieredCluster.start(release, directory, plugin)) {
      TopicPartition partition = cluster.create("tiered");
      Records records = new Records(cluster.node, partition);
      Digest written = records.produce(RECORDS, 1);
      cluster.awaitFreed(partition);

      assertThat(records.consume(0, RECORDS, Duration.ofSeconds(90))).isEqualTo(written);
    }
  }
}
