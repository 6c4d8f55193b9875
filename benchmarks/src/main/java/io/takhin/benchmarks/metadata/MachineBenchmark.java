package io.takhin.benchmarks.metadata;

import java.util.SplittableRandom;
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

/**
 * What the machine itself takes for one read at a random place, when the place is known only after
 * the read before: no lookup of a random segment that reads the segment can be faster.
 */
@SuppressWarnings("NullAway.Init") // JMH sets the parameter and calls fill() before a benchmark.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MachineBenchmark {
  private static final int LINE_LONGS = 8;

  @Param({"10", "1000000"})
  int segments;

  private int[] dense;
  private long[] lines;
  private int at;

  /** A single cycle through all places, by Sattolo's algorithm. */
  @Setup(Level.Trial)
  public void fill() {
    dense = new int[segments];
    lines = new long[segments * LINE_LONGS];
    for (int i = 0; i < segments; i++) {
      dense[i] = i;
    }
    SplittableRandom random = new SplittableRandom(7);
    for (int i = segments - 1; i > 0; i--) {
      int swap = random.nextInt(i);
      int kept = dense[i];
      dense[i] = dense[swap];
      dense[swap] = kept;
    }
    for (int i = 0; i < segments; i++) {
      lines[i * LINE_LONGS] = dense[i];
    }
  }

  /** Four bytes for each segment: the references alone. */
  @Benchmark
  public int readReference() {
    at = dense[at];
    return at;
  }

  /** A cache line for each segment: the segments themselves. */
  @Benchmark
  public int readSegment() {
    at = (int) lines[at * LINE_LONGS];
    return at;
  }
}
