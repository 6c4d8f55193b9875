package io.takhin.benchmarks.coldread;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The command line.
 *
 * @param parts what to run
 * @param directory for segments and caches
 * @param rounds of each measurement
 * @param embedded whether the store is the embedded S3 server in the place of the sink
 */
record Options(
    boolean quick,
    Optional<Path> json,
    Set<Part> parts,
    Path directory,
    int rounds,
    boolean embedded) {
  static final String USAGE =
      "[--quick] [--json FILE] [--only sequential,random,scan,crowd,broker] [--dir DIR] [--rounds N]"
          + " [--store sink|embedded]";

  /** What there is to run. */
  enum Part {
    SEQUENTIAL,
    RANDOM,
    SCAN,
    CROWD,
    BROKER
  }

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
            EnumSet.allOf(Part.class),
            Path.of("benchmarks", "target"),
            quick ? 3 : 5,
            false);
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

  /** How many segments a reader goes through. */
  int segments() {
    return quick ? 4 : 8;
  }

  long segmentBytes() {
    return quick ? 64L << 20 : 256L << 20;
  }

  /** How many segments the broker archives, beside those that warm it. */
  int brokerSegments() {
    return quick ? 4 : 5;
  }

  /** The size of the broker's segments. */
  long brokerSegmentBytes() {
    return quick ? 256L << 20 : 1L << 30;
  }

  private Options with(String name, String value) {
    return switch (name) {
      case "--json" -> with(Optional.of(Path.of(value)), parts, directory, rounds, embedded);
      case "--only" -> with(json, partsOf(value), directory, rounds, embedded);
      case "--dir" -> with(json, parts, Path.of(value), rounds, embedded);
      case "--rounds" -> with(json, parts, directory, Integer.parseInt(value), embedded);
      case "--store" -> with(json, parts, directory, rounds, isEmbedded(value));
      default -> throw new IllegalArgumentException(name + ": unknown");
    };
  }

  private Options with(
      Optional<Path> newJson,
      Set<Part> newParts,
      Path newDirectory,
      int newRounds,
      boolean newEmbedded) {
    return new Options(quick, newJson, newParts, newDirectory, newRounds, newEmbedded);
  }

  private static boolean isEmbedded(String value) {
    return switch (value) {
      case "embedded" -> true;
      case "sink" -> false;
      default ->
          throw new IllegalArgumentException("--store: expected sink or embedded, got " + value);
    };
  }

  private static Set<Part> partsOf(String value) {
    return Arrays.stream(value.split(",", -1))
        .map(part -> Part.valueOf(part.toUpperCase(Locale.ROOT)))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Part.class)));
  }
}
