package io.takhin.kafka.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import org.junit.jupiter.api.Test;

class RemoteSegmentIdTest {
  private static final String TOPIC_ID = "PzaWQqJzQZuUQq1tqKyN0A";
  private static final String COPY_ID = "wHDQ-_1aSvKJQq1tqKyN0A";

  @Test
  void theKeysHoldEveryPartOfTheName() {
    ObjectStem stem =
        new RemoteSegmentId(SegmentId.of("my-orders", 12, 4711), TOPIC_ID, COPY_ID).stem("a/b");

    String common =
        "a/b/my-orders-PzaWQqJzQZuUQq1tqKyN0A/12/00000000000000004711-wHDQ-_1aSvKJQq1tqKyN0A";
    assertThat(stem).hasToString(common);
    assertThat(stem.log()).isEqualTo(new ObjectKey(common + ".log"));
    assertThat(stem.indexes()).isEqualTo(new ObjectKey(common + ".indexes"));
    assertThat(stem.manifest()).isEqualTo(new ObjectKey(common + ".manifest.json"));
    assertThat(stem.inOrderOfRemoval()).startsWith(stem.manifest()).hasSize(3);
  }

  @Test
  void anEmptyPrefixAddsNoSlash() {
    assertThat(new RemoteSegmentId(SegmentId.of("t", 0, 0), TOPIC_ID, COPY_ID).stem("").log())
        .isEqualTo(
            new ObjectKey(
                "t-PzaWQqJzQZuUQq1tqKyN0A/0/00000000000000000000-wHDQ-_1aSvKJQq1tqKyN0A.log"));
  }

  @Test
  void theLongestNamesFitAKey() {
    ObjectStem stem =
        new RemoteSegmentId(
                SegmentId.of("t".repeat(249), Integer.MAX_VALUE, Long.MAX_VALUE), TOPIC_ID, COPY_ID)
            .stem("p".repeat(SegmentLayout.MAX_PREFIX_BYTES));

    assertThat(stem.manifest().value()).hasSizeLessThan(1024);
  }

  @Test
  void idsThatAreNoneAreRefused() {
    SegmentId segment = SegmentId.of("t", 0, 0);
    for (String id : new String[] {"", "../../../../../../../a", "PzaWQqJzQZuUQq1tqKyN0", "ä"}) {
      assertThatThrownBy(() -> new RemoteSegmentId(segment, id, COPY_ID))
          .hasMessageContaining("invalid topic id");
      assertThatThrownBy(() -> new RemoteSegmentId(segment, TOPIC_ID, id))
          .hasMessageContaining("invalid segment id");
    }
  }
}
