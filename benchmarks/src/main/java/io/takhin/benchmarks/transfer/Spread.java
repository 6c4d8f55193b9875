package io.takhin.benchmarks.transfer;

import java.util.Arrays;

/** The least, the middle and the most of some figures; not a number if there are none. */
public record Spread(double least, double median, double most) {
  public static Spread of(double... figures) {
    if (figures.length == 0) {
      return new Spread(Double.NaN, Double.NaN, Double.NaN);
    }
    double[] sorted = figures.clone();
    Arrays.sort(sorted);
    int last = sorted.length - 1;
    double median = (sorted[last / 2] + sorted[(last + 1) / 2]) / 2;
    return new Spread(sorted[0], median, sorted[last]);
  }
}
