package io.takhin.benchmarks.rebuild;

import io.takhin.benchmarks.transfer.Workspace;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.rebuild.CatalogRebuild;
import io.takhin.tiered.rebuild.RebuildOptions;
import io.takhin.tiered.rebuild.RebuildReport;
import io.takhin.tiered.store.ObjectStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** {@code benchmarks/run rebuild}: rebuilds catalogs and prints one table. */
public final class RebuildBenchmarks {
  private static final int PARALLELISM = 32;
  private static final double MIB = 1 << 20;

  private RebuildBenchmarks() {}

  /**
   * One rebuild.
   *
   * @param delayMillis of each answer of the store
   * @param openSeconds what opening the catalog takes afterwards
   */
  private record Row(
      int segments,
      long delayMillis,
      long requests,
      double seconds,
      long peakHeapBytes,
      long fileBytes,
      double openSeconds) {
    String text() {
      return String.format(
          Locale.ROOT,
          "| %,d | %d ms | %,d | %.2f s | %,.0f | %.0f MiB | %.1f MiB | %.2f s |%n",
          segments,
          delayMillis,
          requests,
          seconds,
          segments / seconds,
          peakHeapBytes / MIB,
          fileBytes / MIB,
          openSeconds);
    }

    String json() {
      return String.format(
          Locale.ROOT,
          "  {\"segments\": %d, \"delay_ms\": %d, \"parallelism\": %d, \"requests\": %d,"
              + " \"seconds\": %.3f, \"peak_heap_bytes\": %d, \"catalog_bytes\": %d,"
              + " \"open_seconds\": %.3f}",
          segments,
          delayMillis,
          PARALLELISM,
          requests,
          seconds,
          peakHeapBytes,
          fileBytes,
          openSeconds);
    }
  }

  public static void main(String[] args) throws Exception {
    List<String> arguments = List.of(args);
    boolean quick = arguments.contains("--quick");
    int json = arguments.indexOf("--json");
    int known = (quick ? 1 : 0) + (json >= 0 ? 2 : 0);
    if (known != args.length || (json == args.length - 1 && json >= 0)) {
      System.err.println("expected [--quick] [--json FILE], got " + arguments);
      System.exit(2);
      return;
    }
    List<Row> rows = new ArrayList<>();
    try (Workspace workspace = Workspace.create(Path.of("benchmarks", "target"), "rebuild")) {
      measure(workspace.file("warm-up"), 1_000, 0); // Classes, and the compiler's first look.
      for (int segments : quick ? new int[] {1_000} : new int[] {1_000, 100_000}) {
        for (long delayMillis : new long[] {0, 5}) {
          System.err.printf(
              Locale.ROOT, "[benchmark] %,d segments, %d ms%n", segments, delayMillis);
          Path place = workspace.file("segments-" + segments + "-" + delayMillis);
          rows.add(measure(place, segments, delayMillis));
        }
      }
    }
    System.out.println("Parallelism " + PARALLELISM);
    System.out.println();
    System.out.println(
        "| segments | delay of a request | requests | rebuild | segments/s | peak heap | catalog"
            + " file | opening it |\n|---|---|---|---|---|---|---|---|");
    rows.forEach(row -> System.out.print(row.text()));
    if (json >= 0) {
      List<String> lines = rows.stream().map(Row::json).toList();
      Files.writeString(Path.of(args[json + 1]), "[\n" + String.join(",\n", lines) + "\n]\n");
    }
  }

  private static Row measure(Path directory, int segments, long delayMillis) throws Exception {
    Path catalogFile = directory.resolve("segments.db");
    try (ObjectStore store =
        new DelayedStore(FilledBucket.of(segments), TimeUnit.MILLISECONDS.toNanos(delayMillis))) {
      RebuildOptions options =
          RebuildOptions.fromBucketAlone(FilledBucket.PREFIX).withParallelism(PARALLELISM);
      HeapWatch heap = HeapWatch.begin();
      long startedNanos = System.nanoTime();
      RebuildReport report;
      try (CatalogRebuild rebuild = CatalogRebuild.begin(store, options, catalogFile)) {
        report = rebuild.fill();
        rebuild.place();
      }
      double seconds = secondsSince(startedNanos);
      long peakHeapBytes = heap.peakBytes();
      if (report.segments() != segments || report.problemCount() != 0) {
        throw new IllegalStateException("expected " + segments + " segments, got " + report);
      }
      long fileBytes = Files.size(catalogFile);
      long openedNanos = System.nanoTime();
      try (SegmentCatalog catalog = SegmentCatalog.open(catalogFile, Clock.systemUTC())) {
        double openSeconds = secondsSince(openedNanos);
        if (catalog.stats().segments() != segments) {
          throw new IllegalStateException("catalog holds " + catalog.stats().segments());
        }
        return new Row(
            segments,
            delayMillis,
            report.requests(),
            seconds,
            peakHeapBytes,
            fileBytes,
            openSeconds);
      }
    }
  }

  private static double secondsSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }
}
