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
 */
record Options(boolean quick, Optional<Path> json, Set<Part> parts, Path directory, int rounds) {
  static final String USAGE =
      "[--quick] [--json FILE] [--only sequential,random,scan,crowd,broker] [--dir DIR] [--rounds N]";

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
            quick ? 3 : 5);
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

  /** The size of the broker's segments. */
  long brokerSegmentBytes() {
    return quick ? 256L << 20 : 1L << 30;
  }

  private Options with(String name, String value) {
    return switch (name) {
      case "--json" -> new Options(quick, Optional.of(Path.of(value)), parts, directory, rounds);
      case "--only" -> new Options(quick, json, partsOf(value), directory, rounds);
      case "--dir" -> new Options(quick, json, parts, Path.of(value), rounds);
      case "--rounds" -> new Options(quick, json, parts, directory, Integer.parseInt(value));
      default -> throw new IllegalArgumentException(name + ": unknown");
    };
  }

  private static Set<Part> partsOf(String value) {
    return Arrays.stream(value.split(",", -1))
        .map(part -> Part.valueOf(part.toUpperCase(Locale.ROOT)))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Part.class)));
  }
}
