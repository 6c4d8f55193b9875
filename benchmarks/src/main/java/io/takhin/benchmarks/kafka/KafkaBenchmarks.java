package io.takhin.benchmarks.kafka;

import io.takhin.benchmarks.transfer.StoreProcess;
import io.takhin.benchmarks.transfer.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code benchmarks/run kafka}: runs everything and prints one table. From the project's root. */
public final class KafkaBenchmarks {
  private KafkaBenchmarks() {}

  public static void main(String[] args) throws Exception {
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\nexpected " + Options.USAGE);
      System.exit(2);
      return;
    }
    Path root = Path.of("");
    Report report = new Report();
    try (Workspace workspace = Workspace.create(options.directory(), "kafka");
        StoreProcess sink = StoreProcess.keeping(keepBytes(options), workspace.file("sink.log"))) {
      Node.Kind kind = Node.Kind.of(root, options.release());
      for (int partitions : options.partitions()) {
        new Trial(options, workspace, sink, kind, partitions, report).run(root);
      }
    } finally {
      print(report, options); // Also when it is ended early: what there is took minutes.
    }
  }

  private static void print(Report report, Options options) throws IOException {
    System.out.print(report.text());
    if (options.json().isPresent()) {
      Files.writeString(options.json().get(), report.json());
    }
  }

  /** One plugin's objects: as much as is read, a segment more for each partition, and the rest. */
  private static long keepBytes(Options options) {
    return options.totalBytes() * 3 / 2 + (256L << 20);
  }

  static void progress(String step) {
    System.err.println("[benchmark] " + step);
  }
}
