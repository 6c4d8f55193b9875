package io.takhin.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SegmentReadersTest {
  private final SegmentReaders readers = new SegmentReaders();

  @Test
  void aSegmentInUseIsNotRetired() {
    // Given
    Runnable first = readers.hold(10).orElseThrow();
    Runnable second = readers.hold(10).orElseThrow();

    // When
    first.run();

    // Then
    assertThat(readers.retire(10)).isFalse();
    second.run();
    assertThat(readers.retire(10)).isTrue();
  }

  @Test
  void aRetiredSegmentGetsNoReadersUntilRetirementEnds() {
    // When
    assertThat(readers.retire(10)).isTrue();

    // Then
    assertThat(readers.hold(10)).isEmpty();
    assertThat(readers.hold(20)).isPresent();
    readers.endRetirement(10);
    assertThat(readers.hold(10)).isPresent();
  }

  @Test
  void endingAHoldTwiceEndsItOnce() {
    // Given
    Runnable first = readers.hold(10).orElseThrow();
    Runnable second = readers.hold(10).orElseThrow();

    // When
    first.run();
    first.run();

    // Then
    assertThat(readers.retire(10)).isFalse();
    second.run();
    assertThat(readers.idleBelow(11)).isTrue();
  }
}
