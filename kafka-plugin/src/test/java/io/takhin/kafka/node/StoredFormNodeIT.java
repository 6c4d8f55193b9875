package io.takhin.kafka.node;

import static io.takhin.kafka.node.Records.READ_TIME;
import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.kafka.form.KeyFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compressed and encrypted segments on a real node, whose zstd the plugin finds through the
 * broker's own class loader.
 */
class StoredFormNodeIT {
  private static final int RECORDS = 10_000;

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
    try (TieredCluster cluster =
        TieredCluster.start("stored-form", release, 1, directory, plugin)) {
      Records records = cluster.create("tiered");
      records.produce(RECORDS);
      cluster.awaitFreed(records.partition());

      assertThat(records.consume(0, RECORDS, READ_TIME)).isEqualTo(records.expected(0, RECORDS));
      assertThat(records.consume(4321, 2000, READ_TIME)).isEqualTo(records.expected(4321, 2000));
      cluster.deleteAndAwaitEmpty(records);
    }
  }
}
