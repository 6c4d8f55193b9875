package io.takhin.benchmarks.coldread;

import java.util.Arrays;
import java.util.Locale;

/**
 * How long records took, from the moment each was due.
 *
 * @param p50Millis until half of them were acknowledged
 * @param p99Millis until 99 in 100 were
 * @param lateP99Millis until the producer's thread had its turn to send 99 in 100; the broker has
 *     no part in that
 */
record ProduceTimes(double p50Millis, double p99Millis, double lateP99Millis) {
  private static final double HALF = 0.5;
  private static final double SHARE = 0.99;

  static ProduceTimes of(double[] sentMillis, double[] doneMillis) {
    return new ProduceTimes(
        quantile(doneMillis, HALF), quantile(doneMillis, SHARE), quantile(sentMillis, SHARE));
  }

  private static double quantile(double[] millis, double share) {
    double[] sorted = millis.clone();
    Arrays.sort(sorted);
    return sorted[(int) (sorted.length * share)];
  }

  /** As {@link #line} wrote it. */
  static ProduceTimes parse(String line) {
    double[] times = Arrays.stream(line.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
    return new ProduceTimes(times[0], times[1], times[2]);
  }

  String line() {
    return String.format(Locale.ROOT, "%.4f %.4f %.4f", p50Millis, p99Millis, lateP99Millis);
  }
}
