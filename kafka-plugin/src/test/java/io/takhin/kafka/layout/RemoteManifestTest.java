package io.takhin.kafka.layout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RemoteManifestTest {
  private static final RemoteManifest EXAMPLE =
      RemoteManifest.of(
          new RemoteSegmentId(
              SegmentId.of("orders", 3, 1000), "PzaWQqJzQZuUQq1tqKyN0A", "wHDQ-_1aSvKJQq1tqKyN0A"),
          new RemoteManifest.Facts(2000, 1767225599000L, 1, 1767225600000L),
          new TreeMap<>(Map.of(0, 1000L, 4, 1500L)),
          new SegmentLayout(
              "kafka",
              new RemoteIndexes(300_000, new Crc32c(77), new IndexSizes(16, 24, 0, 30, 100)),
              new Crc32c(99)));

  @Test
  void readsWhatItWrote() {
    assertThat(RemoteManifest.parse(EXAMPLE.toJson())).isEqualTo(EXAMPLE);
  }

  @Test
  void hasTheDocumentedFields() {
    assertThat(new String(EXAMPLE.toJson(), UTF_8))
        .contains(
            "\"format\" : 1",
            "\"writer\" : \"takhin-kafka\"",
            "\"topicId\" : \"PzaWQqJzQZuUQq1tqKyN0A\"",
            "\"copyId\" : \"wHDQ-_1aSvKJQq1tqKyN0A\"",
            "\"baseOffset\" : 1000",
            "\"endOffset\" : 2000",
            "\"4\" : 1500",
            "\"sizeBytes\" : 300000");
  }

  @Test
  void howALogIsStoredIsSaidIfItIsNotAsItWas() {
    RemoteManifest stored =
        RemoteManifest.of(
            EXAMPLE.id(),
            EXAMPLE.facts(),
            EXAMPLE.leaderEpochs(),
            new SegmentLayout(
                "kafka",
                new RemoteIndexes(
                    300_000,
                    new Crc32c(77),
                    new IndexSizes(16, 24, 0, 30, 100),
                    new LogForm(1_000_000, true, true)),
                new Crc32c(99)));

    assertThat(RemoteManifest.parse(stored.toJson())).isEqualTo(stored);
    assertThat(new String(stored.toJson(), UTF_8))
        .contains(
            "\"format\" : 2",
            "\"plainBytes\" : 1000000",
            "\"compression\" : \"zstd\"",
            "\"encryption\" : \"AES-256-GCM\"");
    String without = new String(stored.toJson(), UTF_8).replace("\"stored\"", "\"another\"");
    assertThatThrownBy(() -> RemoteManifest.parse(without.getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("stored");
  }

  @Test
  void aNewerFormatIsRefused() {
    String newer = new String(EXAMPLE.toJson(), UTF_8).replace("\"format\" : 1", "\"format\" : 3");

    assertThatThrownBy(() -> RemoteManifest.parse(newer.getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("format: expected 1 or 2, got 3");
  }

  @Test
  void aManifestThatIsCutOrLacksANumberIsRefused() {
    byte[] json = EXAMPLE.toJson();
    Random random = new Random(11);
    for (int round = 0; round < 300; round++) {
      byte[] cut = Arrays.copyOf(json, random.nextInt(json.length - 2));

      assertThatThrownBy(() -> RemoteManifest.parse(cut))
          .isInstanceOf(IllegalArgumentException.class);
    }
    String without = new String(json, UTF_8).replace("\"baseOffset\"", "\"another\"");
    assertThatThrownBy(() -> RemoteManifest.parse(without.getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("baseOffset");
  }
}
