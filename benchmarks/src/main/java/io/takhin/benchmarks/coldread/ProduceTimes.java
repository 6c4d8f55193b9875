package io.takhin.benchmarks.coldread;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * How long records took, from the moment each was due: until the producer's thread had its turn to
 * send it, in which the broker has no part, and until it was acknowledged.
 */
final class ProduceTimes {
  private static final double HALF = 0.5;
  private static final double SHARE = 0.99;
  private static final double MICROS_PER_MILLI = 1000;

  /** In order. */
  private final double[] sentMillis;

  private final double[] doneMillis;

  private ProduceTimes(double[] sentMillis, double[] doneMillis) {
    this.sentMillis = sentMillis;
    this.doneMillis = doneMillis;
    Arrays.sort(sentMillis);
    Arrays.sort(doneMillis);
  }

  static ProduceTimes of(double[] sentMillis, double[] doneMillis) {
    return new ProduceTimes(sentMillis.clone(), doneMillis.clone());
  }

  /** All of them as if they had been one. */
  static ProduceTimes pooled(List<ProduceTimes> slices) {
    return new ProduceTimes(
        slices.stream().flatMapToDouble(one -> Arrays.stream(one.sentMillis)).toArray(),
        slices.stream().flatMapToDouble(one -> Arrays.stream(one.doneMillis)).toArray());
  }

  /** Until half of them were acknowledged. */
  double p50Millis() {
    return quantile(doneMillis, HALF);
  }

  /** Until 99 in 100 were. */
  double p99Millis() {
    return quantile(doneMillis, SHARE);
  }

  /** Until the producer's thread had its turn to send 99 in 100. */
  double lateP99Millis() {
    return quantile(sentMillis, SHARE);
  }

  private static double quantile(double[] sorted, double share) {
    return sorted[(int) (sorted.length * share)];
  }

  /** As {@link #line} wrote it. */
  static ProduceTimes parse(String line) {
    double[] all =
        Arrays.stream(line.split(" ", -1))
            .mapToDouble(micros -> Long.parseLong(micros) / MICROS_PER_MILLI)
            .toArray();
    int half = all.length / 2;
    return new ProduceTimes(Arrays.copyOf(all, half), Arrays.copyOfRange(all, half, all.length));
  }

  /** Microseconds: until sent, then until acknowledged. */
  String line() {
    return DoubleStream.concat(Arrays.stream(sentMillis), Arrays.stream(doneMillis))
        .mapToObj(millis -> Long.toString(Math.round(millis * MICROS_PER_MILLI)))
        .collect(Collectors.joining(" "));
  }
}
