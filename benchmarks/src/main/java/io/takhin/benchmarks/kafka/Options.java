package io.takhin.benchmarks.kafka;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The command line.
 *
 * @param release of Kafka, a folder of {@code kafka-plugin/nodes}
 * @param partitions numbers of partitions over which the data is spread, one after the other
 * @param delaysMillis of each request to the store, in turn
 * @param contenders which plugins
 * @param atMostSeconds for one read of the data; what was read by then counts
 */
record Options(
    boolean quick,
    Optional<Path> json,
    String release,
    List<Integer> partitions,
    List<Long> delaysMillis,
    List<String> contenders,
    Path directory,
    int rounds,
    int atMostSeconds) {
  static final String USAGE =
      "[--quick] [--json FILE] [--only 1,4] [--delays 0,50] [--plugins takhin,whole-objects]"
          + " [--release 4.3.1] [--dir DIR] [--rounds N] [--at-most SECONDS]";

  /**
   * Reads the arguments.
   *
   * @throws IllegalArgumentException if one is not understood
   */
  static Options parse(String[] args) {
    boolean quick = List.of(args).contains("--quick");
    Options options =
        new Options(
            quick,
            Optional.empty(),
            "4.3",
            List.of(1, 4),
            List.of(0L, 50L),
            Contender.NAMES,
            Path.of("benchmarks", "target"),
            quick ? 1 : 3,
            quick ? 15 : 30);
    for (int i = 0; i < args.length; i++) {
      if (!args[i].equals("--quick")) {
        if (i + 1 == args.length) {
          throw new IllegalArgumentException(args[i] + ": unknown, or without a value");
        }
        options = options.with(args[i], args[++i]);
      }
    }
    return options;
  }

  /** What is read, over all partitions. */
  long totalBytes() {
    return quick ? 256L << 20 : 2L << 30;
  }

  int segmentBytes() {
    return quick ? 32 << 20 : 64 << 20;
  }

  private Options with(String name, String value) {
    return switch (name) {
      case "--json" -> with(Optional.of(Path.of(value)), directory);
      case "--dir" -> with(json, Path.of(value));
      case "--release" -> with(majorAndMinor(value), partitions, delaysMillis, contenders);
      case "--only" ->
          with(release, words(value).map(Integer::parseInt).toList(), delaysMillis, contenders);
      case "--delays" ->
          with(release, partitions, words(value).map(Long::parseLong).toList(), contenders);
      case "--plugins" ->
          with(release, partitions, delaysMillis, words(value).map(Contender::known).toList());
      case "--rounds" -> with(Integer.parseInt(value), atMostSeconds);
      case "--at-most" -> with(rounds, Integer.parseInt(value));
      default -> throw new IllegalArgumentException(name + ": unknown");
    };
  }

  private static Stream<String> words(String value) {
    return Arrays.stream(value.split(",", -1));
  }

  /** {@code 4.3.1} is as good as {@code 4.3}: there is one of each. */
  private static String majorAndMinor(String release) {
    String[] numbers = release.split("\\.", -1);
    if (numbers.length < 2) {
      throw new IllegalArgumentException("--release: expected one such as 4.3.1, got " + release);
    }
    return numbers[0] + "." + numbers[1];
  }

  private Options with(Optional<Path> newJson, Path newDirectory) {
    return new Options(
        quick,
        newJson,
        release,
        partitions,
        delaysMillis,
        contenders,
        newDirectory,
        rounds,
        atMostSeconds);
  }

  private Options with(
      String newRelease, List<Integer> newPartitions, List<Long> newDelays, List<String> plugins) {
    return new Options(
        quick,
        json,
        newRelease,
        newPartitions,
        newDelays,
        plugins,
        directory,
        rounds,
        atMostSeconds);
  }

  private Options with(int newRounds, int newAtMost) {
    return new Options(
        quick,
        json,
        release,
        partitions,
        delaysMillis,
        contenders,
        directory,
        newRounds,
        newAtMost);
  }
}
