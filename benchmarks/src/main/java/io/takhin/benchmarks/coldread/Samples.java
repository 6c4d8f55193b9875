package io.takhin.benchmarks.coldread;

import io.takhin.benchmarks.coldread.Finding.Limit;
import io.takhin.benchmarks.transfer.Spread;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Figures of one part under one delay, collected round by round. Used by one thread. */
final class Samples {
  private final String part;
  private final long delayMillis;
  private final Map<String, List<Double>> values = new LinkedHashMap<>();

  /**
   * @param delayMillis negative where it does not matter
   */
  Samples(String part, long delayMillis) {
    this.part = part;
    this.delayMillis = delayMillis;
  }

  void add(String figure, double value) {
    values.computeIfAbsent(figure, name -> new ArrayList<>()).add(value);
  }

  void addAll(String figure, List<Double> more) {
    more.forEach(value -> add(figure, value));
  }

  /** What was added, in order; a copy. */
  List<Double> values(String figure) {
    return List.copyOf(values.getOrDefault(figure, List.of()));
  }

  Spread spread(String figure) {
    return Spread.of(values(figure).stream().mapToDouble(Double::doubleValue).toArray());
  }

  Finding finding(String figure, String unit, Limit limit) {
    return new Finding(part, figure, delayMillis, spread(figure), unit, limit);
  }

  /** The middle of some times, in milliseconds. */
  static double medianMillis(long[] nanos) {
    return Spread.of(Arrays.stream(nanos).mapToDouble(one -> one / 1e6).toArray()).median();
  }
}
