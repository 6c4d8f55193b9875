package io.takhin.benchmarks.metadata;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.catalog.UploadIntent;
import io.takhin.tiered.policy.FailureScope;
import io.takhin.tiered.policy.PolicyEngine;
import io.takhin.tiered.policy.TierActions;
import io.takhin.tiered.policy.TierPolicy;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** What is measured once, on a catalog as a whole: restart, heap, policy passes, commits. */
final class WholeCatalog {
  private static final Duration WARM_AGE = Duration.ofDays(30);

  /** A thousand partitions, each with a segment a minute, one in four of them local. */
  private static final Duration PASS_STEP = Duration.ofMinutes(4);

  private static final int DUE_PER_PASS = 1_000;
  private static final int PASSES = 30;

  private WholeCatalog() {}

  /** Opens the catalog and runs policy passes on it. */
  static List<Row> restart(Path file, int segments) throws Exception {
    MovableClock clock = new MovableClock();
    long heapBefore = usedHeapBytes();
    long startNanos = System.nanoTime();
    try (SegmentCatalog catalog = SegmentCatalog.open(file, clock)) {
      long openedNanos = System.nanoTime();
      long heapOpened = usedHeapBytes();
      long indexNanos = System.nanoTime();
      try (PolicyEngine engine = engine(catalog, clock)) {
        long indexedNanos = System.nanoTime();
        long heapIndexed = usedHeapBytes();
        List<Row> rows = new ArrayList<>();
        rows.add(Row.once("restart: catalog open", "ms", (openedNanos - startNanos) / 1e6));
        rows.add(Row.once("restart: due index", "ms", (indexedNanos - indexNanos) / 1e6));
        rows.add(
            Row.once("heap per segment", "bytes", (heapOpened - heapBefore) / (double) segments));
        rows.add(
            Row.once(
                "heap per segment with due index",
                "bytes",
                (heapIndexed - heapBefore) / (double) segments));
        rows.add(passes("policy pass, nothing due", engine, clock, Duration.ZERO));
        clock.advance(WARM_AGE);
        if (segments >= DUE_PER_PASS * PASSES) {
          rows.add(passes("policy pass, 1,000 due", engine, clock, PASS_STEP));
        }
        return rows;
      }
    }
  }

  private static PolicyEngine engine(SegmentCatalog catalog, Clock clock) {
    TierPolicy policy = new TierPolicy(WARM_AGE, Duration.ofDays(9_999), Duration.ZERO, true);
    return PolicyEngine.start(
        catalog,
        policy,
        new NoActions(),
        failure -> FailureScope.SEGMENT,
        clock,
        Duration.ofDays(1),
        1);
  }

  private static Row passes(String name, PolicyEngine engine, MovableClock clock, Duration step)
      throws InterruptedException {
    double[] micros = new double[PASSES];
    for (int pass = 0; pass < PASSES; pass++) {
      clock.advance(step);
      long startNanos = System.nanoTime();
      engine.runOnce();
      micros[pass] = (System.nanoTime() - startNanos) / 1e3;
    }
    return Row.of(name, "µs", micros);
  }

  /** Changes per second by so many callers, each of which waits for its own. */
  static Row commits(Path file, int callers, Duration time) throws Exception {
    AtomicLong changes = new AtomicLong();
    try (SegmentCatalog catalog = SegmentCatalog.open(file, Population.CLOCK)) {
      long startNanos = System.nanoTime();
      List<Thread> threads = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        PartitionId partition = new PartitionId("callers-" + callers, caller);
        Thread thread =
            new Thread(() -> change(catalog, partition, startNanos + time.toNanos(), changes));
        threads.add(thread);
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      return Row.once("durable changes, " + callers + " callers", "per s", changes.get() / seconds);
    }
  }

  private static void change(
      SegmentCatalog catalog, PartitionId partition, long endNanos, AtomicLong changes) {
    try {
      for (long index = 0; System.nanoTime() < endNanos; index++) {
        SegmentId id = new SegmentId(partition, index);
        SegmentMetadata segment =
            catalog.register(SegmentMetadata.sealed(id, index + 1, 0, 1 << 30, 0));
        ObjectKey manifest =
            new ObjectKey("p/" + partition.directory() + "/" + id.fileStem() + ".manifest.json");
        SegmentState.Uploading uploading =
            new SegmentState.Local().begin(new UploadIntent("benchmark", manifest, 0));
        catalog.transition(id, segment.state(), uploading, "benchmark");
        changes.addAndGet(2);
      }
    } catch (CatalogException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long usedHeapBytes() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** Nothing gets cold here. */
  private static final class NoActions implements TierActions {
    @Override
    public CompletableFuture<SegmentMetadata> archive(SegmentId id, String reason) {
      return CompletableFuture.failedFuture(new IllegalStateException("not expected: " + id));
    }

    @Override
    public CompletableFuture<SegmentMetadata> reclaim(SegmentId id, String reason) {
      return CompletableFuture.failedFuture(new IllegalStateException("not expected: " + id));
    }
  }

  private static final class MovableClock extends Clock {
    private volatile Instant now = Instant.ofEpochMilli(Population.START_MILLIS);

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
