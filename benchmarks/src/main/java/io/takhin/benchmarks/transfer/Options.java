package io.takhin.benchmarks.transfer;

import java.net.URI;
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
 * @param endpoint of the real server; empty starts the embedded one
 * @param bucket there, which has to exist
 * @param directory for the files, on the disk that downloads are measured on
 * @param sparseGiB size of the sparse file
 */
record Options(
    boolean quick,
    Optional<Path> json,
    Set<Part> parts,
    Optional<URI> endpoint,
    String bucket,
    String region,
    Path directory,
    int sparseGiB,
    int rounds) {
  static final String USAGE =
      "[--quick] [--json FILE] [--only sink,server,memory,sparse] [--endpoint URL] [--bucket NAME]"
          + " [--region NAME] [--dir DIR] [--sparse-gib N] [--rounds N]";

  /** What there is to run. */
  enum Part {
    /** All against the sink, and the machine's limit. */
    SINK,
    /** All against a real server. */
    SERVER,
    /** Ten files at a time in a small heap. */
    MEMORY,
    /** A file as large as no disk here. */
    SPARSE
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
            quick ? EnumSet.complementOf(EnumSet.of(Part.SPARSE)) : EnumSet.allOf(Part.class),
            Optional.empty(),
            "takhin-benchmark",
            "us-east-1",
            Path.of("benchmarks", "target"),
            200,
            quick ? 2 : 5);
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

  private Options with(String name, String value) {
    return new Options(
        quick,
        name.equals("--json") ? Optional.of(Path.of(value)) : json,
        name.equals("--only") ? partsOf(value) : parts,
        name.equals("--endpoint") ? Optional.of(URI.create(value)) : endpoint,
        name.equals("--bucket") ? value : bucket,
        name.equals("--region") ? value : region,
        name.equals("--dir") ? Path.of(value) : directory,
        name.equals("--sparse-gib") ? Integer.parseInt(value) : sparseGiB,
        name.equals("--rounds") ? Integer.parseInt(value) : known(name, rounds));
  }

  private static int known(String name, int rounds) {
    if (!USAGE.contains("[" + name + " ")) {
      throw new IllegalArgumentException(name + ": unknown");
    }
    return rounds;
  }

  private static Set<Part> partsOf(String value) {
    return Arrays.stream(value.split(",", -1))
        .map(part -> Part.valueOf(part.toUpperCase(Locale.ROOT)))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Part.class)));
  }
}
