package io.takhin.benchmarks.transfer;

import io.takhin.benchmarks.transfer.Runner.Direction;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What a contender did with a data set, round by round.
 *
 * @param samples those that count; empty if it could not take part
 * @param note why it could not, or empty
 */
record Result(
    String server,
    Direction direction,
    DataSet data,
    String contender,
    List<Sample> samples,
    String note) {

  Result {
    samples = List.copyOf(samples);
  }

  /** Megabytes per second until it was done. */
  Spread rate() {
    return spread(sample -> megabytes() / (sample.nanos() / 1e9));
  }

  /** Megabytes per second until the files were on disk. */
  Spread onDiskRate() {
    return spread(sample -> megabytes() / (sample.onDiskNanos() / 1e9));
  }

  /** Seconds of processor time per gigabyte. */
  Spread cpu() {
    return spread(sample -> sample.cpuNanos() / 1e9 / (megabytes() / 1e3));
  }

  double peakRssMiB() {
    return samples.stream().mapToLong(Sample::peakRssBytes).max().orElse(0) / 1048576.0;
  }

  private double megabytes() {
    return data.totalBytes() / 1e6;
  }

  private Spread spread(ToDoubleFunction<Sample> figure) {
    return Spread.of(samples.stream().mapToDouble(figure).toArray());
  }
}
