package io.takhin.benchmarks.metadata;

import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.policy.Decision.Action;
import io.takhin.tiered.policy.TierPolicy;
import io.takhin.tiered.segment.SegmentId;
import java.time.Duration;
import java.util.List;
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

/** One decision, for one segment again and again, and for one after the other. */
@SuppressWarnings("NullAway.Init") // JMH sets the parameter and calls fill() before a benchmark.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PolicyBenchmark {
  @Param({"10", "1000000"})
  int segments;

  private final TierPolicy policy =
      new TierPolicy(Duration.ofDays(3), Duration.ofDays(7), Duration.ZERO, true);
  private long nowMillis = Population.START_MILLIS + Duration.ofDays(4).toMillis();
  private SegmentMetadata[] all;
  private SegmentMetadata one;
  private int at;

  @Setup(Level.Trial)
  public void fill() {
    List<SegmentId> ids = new Population(segments).ids();
    all = new SegmentMetadata[segments];
    for (int i = 0; i < segments; i++) {
      all[i] = Population.segment(ids.get(i), i, i % 4 != 0);
    }
    one = all[0];
  }

  @Benchmark
  public Action check() {
    return policy.decide(one, nowMillis).action();
  }

  @Benchmark
  public Action checkEach() {
    int next = at + 1;
    at = next == segments ? 0 : next;
    return policy.decide(all[at], nowMillis).action();
  }
}
