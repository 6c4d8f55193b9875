package io.takhin.benchmarks.metadata;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** {@code find} and {@code covering} by one thread, with the ids in different orders. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LookupBenchmark {

  /** The catalog and the order in which its segments are asked for. */
  @SuppressWarnings("NullAway.Init") // JMH sets the parameters and calls open() before a benchmark.
  @State(Scope.Benchmark)
  public static class Catalog {
    @Param({"10", "1000000"})
    int segments;

    @Param({"SAME", "LOG_ORDER", "ZIPF", "RANDOM"})
    Probes.Order order;

    SegmentCatalog catalog;
    Probes probes;

    @Setup(Level.Trial)
    public void open() throws CatalogException {
      catalog =
          SegmentCatalog.open(Path.of(System.getProperty("catalog." + segments)), Population.CLOCK);
      probes = new Probes(new Population(segments), order);
    }

    @TearDown(Level.Trial)
    public void close() throws CatalogException {
      catalog.close();
    }
  }

  /** A caller's place in the order. */
  @State(Scope.Thread)
  public static class Cursor {
    int at;
  }

  /** What a caller has: an id it just made. The segment's own memory is not read. */
  @Benchmark
  public boolean find(Catalog of, Cursor cursor) {
    return of.catalog.find(of.probes.id(cursor.at++)).isPresent();
  }

  /** As above, then reads the segment; the next id waits for that read. */
  @Benchmark
  public long findAndReadInTurn(Catalog of, Cursor cursor) {
    Optional<SegmentMetadata> found = of.catalog.find(of.probes.id(cursor.at));
    // The timestamp is never negative here, but neither compiler nor processor knows that.
    long timestamp = found.orElseThrow().maxTimestampMillis();
    cursor.at += timestamp < 0 ? 2 : 1;
    return timestamp;
  }

  @Benchmark
  public boolean covering(Catalog of, Cursor cursor) {
    SegmentId id = of.probes.id(cursor.at++);
    PartitionId partition = id.partition();
    return of.catalog.covering(partition, id.baseOffset() + 1).isPresent();
  }
}
