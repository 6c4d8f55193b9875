package io.takhin.tiered.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SegmentIdTest {

  @Test
  void readsWhatItWrites() {
    SegmentId id = SegmentId.of("my.topic-with_dashes-7", 12, 4096);

    assertThat(id.path()).isEqualTo("my.topic-with_dashes-7-12/00000000000000004096.log");
    assertThat(SegmentId.parse(id.path())).isEqualTo(id);
  }

  @Test
  void readsTheLargestOffsetAndPartition() {
    SegmentId id = SegmentId.parse("t-2147483647/09223372036854775807.log");

    assertThat(id).isEqualTo(SegmentId.of("t", Integer.MAX_VALUE, Long.MAX_VALUE));
  }

  static Stream<String> hostile() {
    return Stream.of(
        "",
        "/",
        "../../etc/passwd",
        "..%2F..%2Fetc%2Fpasswd",
        "orders-0%2F00000000000000000000.log",
        "../orders-0/00000000000000000000.log",
        "/orders-0/00000000000000000000.log",
        "..-0/00000000000000000000.log",
        ".-0/00000000000000000000.log",
        "-0/00000000000000000000.log",
        "orders/00000000000000000000.log",
        "orders-/00000000000000000000.log",
        "orders-x/00000000000000000000.log",
        "orders-00/00000000000000000000.log",
        "orders--1/x",
        "orders-2147483648/00000000000000000000.log",
        "orders-99999999999/00000000000000000000.log",
        "orders-0/",
        "orders-0/.log",
        "orders-0/0.log",
        "orders-0/0000000000000000000.log",
        "orders-0/000000000000000000000.log",
        "orders-0/00000000000000000000.index",
        "orders-0/00000000000000000000.log/",
        "orders-0/00000000000000000000.log\n",
        "orders-0//00000000000000000000.log",
        "orders-0/0000000000000000000a.log",
        "orders-0/-0000000000000000001.log",
        "orders-0/+0000000000000000001.log",
        // Arabic digits are digits for many a parser.
        "orders-0/0000000000000000000\u0661.log",
        "orders-0/09223372036854775808.log",
        "orders-0/99999999999999999999.log",
        "or\u0000ders-0/00000000000000000000.log",
        "ord ers-0/00000000000000000000.log",
        "a".repeat(250) + "-0/00000000000000000000.log",
        "x".repeat(10 << 10));
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void refusesWhatIsNoSegment(String path) {
    assertThatThrownBy(() -> SegmentId.parse(path))
        .isInstanceOf(InvalidSegmentPathException.class)
        .message()
        .hasSizeLessThan(400)
        .doesNotContain("\n", "\u0000");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE})
  void refusesANegativeOffset(long baseOffset) {
    assertThatThrownBy(() -> SegmentId.of("orders", 0, baseOffset))
        .isInstanceOf(InvalidSegmentPathException.class)
        .hasMessageContaining(String.valueOf(baseOffset));
  }

  @Test
  void comparesByTopicThenPartitionThenOffsetAsNumbers() {
    List<SegmentId> sorted =
        Stream.of(
                SegmentId.of("b", 0, 0),
                SegmentId.of("a", 10, 5),
                SegmentId.of("a", 2, 30),
                SegmentId.of("a", 2, 4))
            .sorted()
            .toList();

    assertThat(sorted)
        .containsExactly(
            SegmentId.of("a", 2, 4),
            SegmentId.of("a", 2, 30),
            SegmentId.of("a", 10, 5),
            SegmentId.of("b", 0, 0));
  }
}
