package io.takhin.benchmarks.coldread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.takhin.benchmarks.transfer.Spread;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ProduceTimesTest {
  /** A thousand records that take that long, but for some that take longer. */
  private static ProduceTimes slice(double millis, int slow, double slowMillis) {
    double[] sent = new double[1000];
    double[] done = new double[1000];
    Arrays.fill(sent, millis / 2);
    Arrays.fill(done, millis);
    Arrays.fill(done, 0, slow, slowMillis);
    return ProduceTimes.of(sent, done);
  }

  @Test
  void timesSurviveTheLineBetweenProcesses() {
    ProduceTimes times = ProduceTimes.parse(slice(0.251, 11, 3.5).line());

    assertThat(times.p50Millis()).isEqualTo(0.251, within(0.001));
    assertThat(times.p99Millis()).isEqualTo(3.5, within(0.001));
    assertThat(times.lateP99Millis()).isEqualTo(0.1255, within(0.001));
  }

  @Test
  void slicesCountTogether() {
    // One has two in a hundred that are slow, which its own percentile tells; of both it is one.
    ProduceTimes bad = slice(1, 20, 9);
    ProduceTimes good = slice(1, 0, 9);

    assertThat(bad.p99Millis()).isEqualTo(9);
    assertThat(ProduceTimes.pooled(List.of(bad, good, good)).p99Millis()).isEqualTo(1);
  }

  @Test
  void ratioOfSlicesThatAreAllAlikeHasNoRange() {
    Spread ratio =
        PooledRatio.of(
            List.of(slice(3, 0, 0), slice(3, 0, 0)), List.of(slice(2, 0, 0), slice(2, 0, 0)));

    assertThat(ratio).isEqualTo(new Spread(1.5, 1.5, 1.5));
  }

  @Test
  void rangeOfARatioTellsThatItRestsOnOneSlice() {
    List<ProduceTimes> alone = List.of(slice(1, 0, 0), slice(1, 0, 0), slice(1, 0, 0));
    List<ProduceTimes> beside = List.of(slice(1, 0, 0), slice(1, 0, 0), slice(1, 25, 8));

    Spread ratio = PooledRatio.of(beside, alone);

    assertThat(ratio).isEqualTo(new Spread(1, 1, 8));
    assertThat(PooledRatio.of(beside, alone)).isEqualTo(ratio);
  }
}
