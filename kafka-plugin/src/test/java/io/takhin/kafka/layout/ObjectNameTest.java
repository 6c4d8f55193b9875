package io.takhin.kafka.layout;

import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectNameTest {
  private static final String ID = "AAAAAAAAAAAAAAAAAAAA_-";

  /** A name that looks as if it had an id in it. */
  private static final RemoteSegmentId SEGMENT =
      new RemoteSegmentId(
          SegmentId.of("orders-" + ID + ".x-1", 12, 345), ID, "-" + ID.substring(1));

  @ParameterizedTest
  @ValueSource(strings = {"kafka", "a/b", ""})
  void everyKeyOfASegmentLeadsBackToIt(String prefix) {
    ObjectStem stem = SEGMENT.stem(prefix);
    String folder = prefix.isEmpty() ? "" : prefix + "/";

    for (ObjectKey key : stem.inOrderOfRemoval()) {
      assertThat(ObjectName.parse(folder, key)).contains(new ObjectName(SEGMENT, stem));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kafka/x",
        "kafka/orders/0/00000000000000000000-AAAAAAAAAAAAAAAAAAAAAA.log",
        "kafka/orders-AAAAAAAAAAAAAAAAAAAAAA/0/00000000000000000000-AAAAAAAAAAAAAAAAAAAAAA",
        "kafka/orders-AAAAAAAAAAAAAAAAAAAAAA/0/99999999999999999999-AAAAAAAAAAAAAAAAAAAAAA.log",
        "kafka/orders-AAAAAAAAAAAAAAAAAAAAAA/9999999999/00000000000000000000-AAAAAAAAAAAAAAAAAAAAAA.log",
        "other/orders-AAAAAAAAAAAAAAAAAAAAAA/0/00000000000000000000-AAAAAAAAAAAAAAAAAAAAAA.log"
      })
  void whatOthersWroteIsNoSegment(String key) {
    assertThat(ObjectName.parse("kafka/", new ObjectKey(key))).isEmpty();
  }

  @Test
  void theStemIsThatOfTheSegment() {
    ObjectKey log = SEGMENT.stem("kafka").log();

    assertThat(ObjectName.parse("kafka/", log).orElseThrow().stem().log()).isEqualTo(log);
  }
}
