package io.takhin.tiered.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private final SteppedPauses pauses = new SteppedPauses(Integer.MAX_VALUE);

  @Test
  void aDayBringsItsBudgetAndNoMoreHoweverLargeThePieces() throws InterruptedException {
    TokenBucket bucket = new TokenBucket(1_000_000, pauses);
    long taken = 0;
    for (int turn = 0; pauses.nanoTime() < Duration.ofDays(1).toNanos(); turn++) {
      long piece = turn % 3 == 0 ? 50_000 : 7;
      bucket.take(piece);
      taken += piece;
    }
    assertThat((double) taken).isCloseTo(1_000_000, within(100_000.0));
  }

  @Test
  void whatWasNotUsedIsLostButForAQuarterOfAnHour() throws InterruptedException {
    TokenBucket bucket = new TokenBucket(96_000, pauses);
    pauses.pause(Duration.ofDays(3));
    long before = pauses.nanoTime();
    for (int turn = 0; turn < 1_000; turn++) {
      bucket.take(1);
    }
    assertThat(pauses.nanoTime()).isEqualTo(before);
    bucket.take(1);
    bucket.take(1);
    assertThat(pauses.nanoTime()).isGreaterThan(before);
  }

  @Test
  void withoutALimitNobodyWaits() throws InterruptedException {
    new TokenBucket(TokenBucket.UNLIMITED, pauses).take(Long.MAX_VALUE);
    assertThat(pauses.nanoTime()).isZero();
  }
}
