package io.takhin.benchmarks.transfer;

import io.takhin.benchmarks.transfer.Options.Part;
import io.takhin.benchmarks.transfer.Runner.Direction;
import io.takhin.embedded.s3.EmbeddedS3;
import io.takhin.embedded.s3.EmbeddedS3Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** {@code benchmarks/run transfer}: runs everything and prints one table. */
public final class TransferBenchmarks {
  private static final List<String> HEAP = List.of("-Xmx512m");
  private static final int WARM_UPS = 2;
  private static final int TOGETHER = 10;

  private final Options options;
  private final Workspace workspace;
  private final Report report = new Report();

  private TransferBenchmarks(Options options, Workspace workspace) {
    this.options = options;
    this.workspace = workspace;
  }

  public static void main(String[] args) throws IOException {
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\nexpected " + Options.USAGE);
      System.exit(2);
      return;
    }
    if (!Files.isDirectory(Path.of("/proc/self"))) {
      System.err.println("this benchmark reads processor time and memory from /proc of Linux");
      System.exit(2);
    }
    try (Workspace workspace = Workspace.create(options.directory(), "transfer")) {
      Report report = new TransferBenchmarks(options, workspace).run();
      System.out.print(report.text());
      if (options.json().isPresent()) {
        Files.writeString(options.json().get(), report.json());
      }
    }
  }

  private Report run() throws IOException {
    progress("making the files in " + workspace.directory());
    List<DataSet> sets = new ArrayList<>();
    sets.add(DataSet.create(workspace.directory(), 1, 64));
    sets.add(DataSet.create(workspace.directory(), 1, options.quick() ? 256 : 1024));
    sets.add(DataSet.create(workspace.directory(), 4, options.quick() ? 64 : 256));
    try (StoreProcess sink = StoreProcess.sink(workspace.file("sink.log"))) {
      if (options.parts().contains(Part.SINK)) {
        race(sink.target(), sets);
      }
      if (options.parts().contains(Part.SERVER)) {
        raceOnServer(sets);
      }
      MemoryTrial memory = new MemoryTrial(sink.target(), workspace);
      if (options.parts().contains(Part.MEMORY)) {
        progress("ten files at a time in a small heap");
        report.addAll(memory.together(DataSet.links(workspace.directory(), TOGETHER, sets.get(1))));
      }
      if (options.parts().contains(Part.SPARSE)) {
        progress("a sparse file of " + options.sparseGiB() + " GiB");
        report.addAll(memory.sparse(options.sparseGiB()));
      }
    }
    return report;
  }

  private void raceOnServer(List<DataSet> sets) throws IOException {
    if (options.endpoint().isPresent()) {
      String name = options.endpoint().get().getAuthority();
      race(
          new Target(
              name, options.endpoint().get(), options.bucket(), options.region(), Optional.empty()),
          sets);
      return;
    }
    progress("starting the embedded S3 server");
    Path directory = workspace.newDirectory("s3-");
    try (EmbeddedS3 server =
        EmbeddedS3.start(EmbeddedS3Options.onFreePort(directory, options.bucket()))) {
      race(Target.unchecked("embedded S3", server.endpoint(), server.bucket()), sets);
    }
  }

  private void race(Target target, List<DataSet> sets) throws IOException {
    List<Runner> runners = new ArrayList<>();
    String prefix = "takhin-benchmark/" + UUID.randomUUID() + "/";
    try (Bucket bucket = new Bucket(target)) {
      JvmRunner own = jvm(OwnContender.NAME, target);
      runners.add(own);
      List<Result> absent = new ArrayList<>();
      join(target, runners, absent);
      Race race =
          new Race(
              target, bucket, workspace, prefix, options.quick() ? 1 : WARM_UPS, options.rounds());
      try {
        for (DataSet data : sets) {
          progress(target.name() + ", " + data.name());
          report.addAll(race.run(data, runners, own));
        }
      } finally {
        bucket.remove(prefix);
      }
      report.addAll(absent);
    } finally {
      runners.forEach(Runner::close);
    }
  }

  private void join(Target target, List<Runner> runners, List<Result> absent) throws IOException {
    boolean sink = target.name().equals(Target.SINK);
    if (sink) {
      for (String name : RawContender.NAMES) {
        runners.add(jvm(name, target));
      }
    }
    for (String name : SdkContender.NAMES) {
      runners.add(jvm(name, target));
    }
    for (Tool tool : Tool.ALL) {
      Optional<ToolRunner> runner = ToolRunner.find(tool, target, workspace.directory());
      String hindrance =
          runner.isEmpty() ? "not installed" : sink ? tool.notToSink().orElse("") : "";
      if (hindrance.isEmpty() && runner.isPresent()) {
        runners.add(runner.get());
      } else {
        DataSet none = new DataSet("", workspace.directory(), 0, 0);
        absent.add(
            new Result(target.name(), Direction.UPLOAD, none, tool.name(), List.of(), hindrance));
      }
    }
  }

  private JvmRunner jvm(String name, Target target) throws IOException {
    Path log = workspace.file(name.replaceAll("[^A-Za-z0-9]+", "-") + ".log");
    return JvmRunner.start(name, target, HEAP, log);
  }

  private static void progress(String step) {
    System.err.println("[benchmark] " + step);
  }
}
