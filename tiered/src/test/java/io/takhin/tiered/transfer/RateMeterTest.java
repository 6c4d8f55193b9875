package io.takhin.tiered.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RateMeterTest {
  private static final long START = 5_000_000_000_000L;
  private static final long SECOND = 1_000_000_000L;

  private final RateMeter rate = new RateMeter(START);

  @Test
  void firstSecondsCountFromTheStart() {
    rate.moved(1000, START + SECOND / 2);

    assertThat(rate.bytesPerSecond(START + SECOND)).isEqualTo(1000);
    assertThat(rate.bytesPerSecond(START + 2 * SECOND)).isEqualTo(500);
  }

  @Test
  void onlyTheLastSecondsCountLater() {
    for (int second = 0; second < 100; second++) {
      rate.moved(second < 50 ? 1_000_000 : 100, START + second * SECOND + 1);
    }

    assertThat(rate.bytesPerSecond(START + 99 * SECOND + SECOND - 1)).isBetween(95L, 105L);
  }

  @Test
  void standstillEndsAtNothing() {
    rate.moved(1_000_000, START + 1);

    assertThat(rate.bytesPerSecond(START + 60 * SECOND)).isZero();
  }
}
