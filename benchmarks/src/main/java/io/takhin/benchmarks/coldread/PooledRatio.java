package io.takhin.benchmarks.coldread;

import io.takhin.benchmarks.transfer.Spread;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * How many times longer 99 in 100 records take beside others: of all slices with others together,
 * by all without. The percentile of one slice rests on a few records, and that of the next differs
 * by more than what is to be told; so the range is that of ratios of slices drawn anew, with
 * putting back, from those that were measured: nine in ten draws lie within it.
 */
final class PooledRatio {
  private static final int DRAWS = 400;
  private static final double LOW = 0.05;
  private static final double HIGH = 0.95;

  private PooledRatio() {}

  /** Both at least one slice; always the same for the same slices. */
  static Spread of(List<ProduceTimes> beside, List<ProduceTimes> alone) {
    Random random = new Random(1);
    double[] drawn = new double[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      drawn[i] = ratio(draw(beside, random), draw(alone, random));
    }
    Arrays.sort(drawn);
    return new Spread(
        drawn[(int) (DRAWS * LOW)], ratio(beside, alone), drawn[(int) (DRAWS * HIGH)]);
  }

  private static List<ProduceTimes> draw(List<ProduceTimes> slices, Random random) {
    return random.ints(slices.size(), 0, slices.size()).mapToObj(slices::get).toList();
  }

  private static double ratio(List<ProduceTimes> beside, List<ProduceTimes> alone) {
    return ProduceTimes.pooled(beside).p99Millis() / ProduceTimes.pooled(alone).p99Millis();
  }
}
