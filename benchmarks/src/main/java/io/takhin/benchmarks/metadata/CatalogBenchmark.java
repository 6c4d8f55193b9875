package io.takhin.benchmarks.metadata;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.CatalogStats;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.Tier;
import io.takhin.tiered.segment.SegmentId;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/** Sums, and what several threads do to one another; ids in Zipf's order. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CatalogBenchmark {

  /** One catalog for all threads. */
  @SuppressWarnings("NullAway.Init") // JMH sets the parameter and calls open() before a benchmark.
  @State(Scope.Benchmark)
  public static class Shared {
    @Param({"10", "1000000"})
    int segments;

    SegmentCatalog catalog;
    Probes probes;

    @Setup(Level.Trial)
    public void open() throws CatalogException {
      Path file = Path.of(System.getProperty("catalog." + segments));
      catalog = SegmentCatalog.open(file, Population.CLOCK);
      probes = new Probes(new Population(segments), Probes.Order.ZIPF);
    }

    @TearDown(Level.Trial)
    public void close() throws CatalogException {
      catalog.close();
    }
  }

  /** A thread's place in the order; threads begin at different ones. */
  @State(Scope.Thread)
  public static class Cursor {
    int at = System.identityHashCode(this);
  }

  @Benchmark
  public CatalogStats stats(Shared shared) {
    return shared.catalog.stats();
  }

  /** Sums are put together anew by whoever asks first after a change. */
  @Benchmark
  public CatalogStats statsAfterChange(Shared shared, Cursor cursor) {
    reclassify(shared, cursor);
    return shared.catalog.stats();
  }

  @Benchmark
  @Threads(2)
  public boolean findByTwo(Shared shared, Cursor cursor) {
    return shared.catalog.find(shared.probes.id(cursor.at++)).isPresent();
  }

  @Benchmark
  @Group("findWhileWriting")
  public boolean find(Shared shared, Cursor cursor) {
    return shared.catalog.find(shared.probes.id(cursor.at++)).isPresent();
  }

  @Benchmark
  @Group("findWhileWriting")
  public void reclassify(Shared shared, Cursor cursor) {
    SegmentId id = shared.probes.id(cursor.at++);
    shared.catalog.reclassify(id, (cursor.at & 1) == 0 ? Tier.HOT : Tier.WARM);
  }
}
