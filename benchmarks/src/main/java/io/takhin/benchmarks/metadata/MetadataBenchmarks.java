package io.takhin.benchmarks.metadata;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** {@code benchmarks/run metadata}: runs everything and prints one table. */
public final class MetadataBenchmarks {
  private static final int FEW = 10;
  private static final int MANY = 1_000_000;
  private static final String CHILD_HEAP = "-Xmx4g";

  private final boolean quick;
  private final Path directory;

  private MetadataBenchmarks(boolean quick, Path directory) {
    this.quick = quick;
    this.directory = directory;
  }

  public static void main(String[] args) throws Exception {
    boolean quick = false;
    Path json = Path.of("");
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--quick")) {
        quick = true;
      } else if (args[i].equals("--json") && i + 1 < args.length) {
        json = Path.of(args[++i]);
      } else {
        System.err.println("unknown argument " + args[i] + "; expected [--quick] [--json FILE]");
        System.exit(2);
      }
    }
    Path directory = Files.createTempDirectory("takhin-benchmark");
    try {
      Table table = new MetadataBenchmarks(quick, directory).run();
      System.out.print(table.text());
      if (!json.toString().isEmpty()) {
        Files.writeString(json, table.json());
      }
    } finally {
      delete(directory);
    }
  }

  private Table run() throws Exception {
    Table table = new Table();
    progress("writing a catalog file of " + MANY + " segments");
    new Population(FEW).write(file(FEW));
    new Population(MANY).write(file(MANY));
    progress("restart, heap and policy passes");
    for (int segments : new int[] {FEW, MANY}) {
      WholeCatalog.restart(file(segments), segments).forEach(row -> table.add(segments, row));
    }
    for (int callers : new int[] {1, 8, 64}) {
      progress("durable changes by " + callers + " callers");
      Path fresh = directory.resolve("commits-" + callers + ".db");
      table.add(FEW, WholeCatalog.commits(fresh, callers, Duration.ofSeconds(quick ? 2 : 10)));
    }
    lookups().forEach((segments, rows) -> rows.forEach(row -> table.add(segments, row)));
    return table;
  }

  private Map<Integer, List<Row>> lookups() throws RunnerException {
    progress("JMH: lookups, sums, policy and the machine");
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("\\.metadata\\.")
            .forks(quick ? 1 : 3)
            .warmupIterations(quick ? 2 : 5)
            .warmupTime(TimeValue.milliseconds(quick ? 150 : 500))
            .measurementIterations(quick ? 60 : 200)
            .measurementTime(TimeValue.milliseconds(5))
            .verbosity(VerboseMode.SILENT)
            .jvmArgs(
                CHILD_HEAP,
                "-Dcatalog." + FEW + "=" + file(FEW),
                "-Dcatalog." + MANY + "=" + file(MANY));
    if (quick) {
      options.exclude("covering|statsAfterChange|checkEach");
    }
    Collection<RunResult> results = new Runner(options.build()).run();
    Map<Integer, List<Row>> rows = new TreeMap<>();
    for (RunResult result : results) {
      int segments = Integer.parseInt(result.getParams().getParam("segments"));
      rows.computeIfAbsent(segments, key -> new ArrayList<>()).add(row(result));
    }
    return rows;
  }

  private static Row row(RunResult result) {
    String name = result.getPrimaryResult().getLabel();
    String benchmark = result.getParams().getBenchmark();
    String method = benchmark.substring(benchmark.lastIndexOf('.') + 1);
    Collection<String> params = result.getParams().getParamsKeys();
    String order = params.contains("order") ? result.getParams().getParam("order") : "";
    // Of a group, the reader is what is asked for.
    List<Double> windows = new ArrayList<>();
    result
        .getBenchmarkResults()
        .forEach(
            fork ->
                fork.getIterationResults()
                    .forEach(
                        window -> {
                          Result<?> reader = window.getSecondaryResults().get("find");
                          Result<?> wanted = reader == null ? window.getPrimaryResult() : reader;
                          windows.add(wanted.getScore());
                        }));
    String key = order.isEmpty() ? method : method + " " + order;
    return Row.of(
        Table.title(key.isEmpty() ? name : key),
        "ns",
        windows.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private Path file(int segments) {
    return directory.resolve(segments + ".db");
  }

  private static void progress(String step) {
    System.err.println(String.format(Locale.ROOT, "[benchmark] %s", step));
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> found = Files.walk(directory)) {
      found
          .sorted(Comparator.reverseOrder())
          .forEach(
              path -> {
                try {
                  Files.delete(path);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
