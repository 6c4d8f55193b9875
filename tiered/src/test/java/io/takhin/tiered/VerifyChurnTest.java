package io.takhin.tiered;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.read.LeasedSegment;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.memory.MemoryStore;
import io.takhin.tiered.verify.Level;
import io.takhin.tiered.verify.VerifyOptions;
import io.takhin.tiered.verify.VerifyReport;
import io.takhin.tiered.verify.VerifyRequest;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Verifies again and again while everything moves: no move is ever taken for damage. Longer with
 * {@code -Dtakhin.churn.seconds=600}, the same again with {@code -Dtakhin.churn.seed=…}.
 */
class VerifyChurnTest {
  private static final Duration DURATION =
      Duration.ofSeconds(Long.getLong("takhin.churn.seconds", 10));
  private static final long SEED = Long.getLong("takhin.churn.seed", System.nanoTime());
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int ENOUGH = 100;
  private static final int MOVERS = 3;
  private static final int SEGMENTS = 6;
  private static final int LOG_BYTES = 30_000;

  @TempDir Path root;
  private final MemoryStore bucket = new MemoryStore();
  private final AtomicBoolean isOver = new AtomicBoolean();
  private final AtomicInteger moves = new AtomicInteger();
  private final AtomicInteger deletions = new AtomicInteger();

  @Test
  void nothingThatMovesIsTakenForDamage() throws Exception {
    System.out.println("VerifyChurnTest: -Dtakhin.churn.seed=" + SEED);
    TieredOptions options =
        Site.options(root)
            .localCacheBytes(6L * LOG_BYTES) // Restored segments are evicted all the time.
            .verify(
                VerifyOptions.DEFAULT
                    .with(Duration.ZERO, 0, 0, Level.CONTENT)
                    .withDelays(Duration.ZERO, Duration.ofMillis(5)))
            .build();
    List<VerifyReport> reports = new ArrayList<>();
    ExecutorService movers = Executors.newFixedThreadPool(MOVERS);
    try (TieredStorageManager tiers =
        TieredStorageManager.open(
            options,
            bucket,
            new DirectorySegments(root),
            new SimpleMeterRegistry(),
            Clock.systemUTC())) {
      List<Future<?>> moving = new ArrayList<>();
      for (int mover = 0; mover < MOVERS; mover++) {
        int number = mover;
        moving.add(movers.submit(() -> move(tiers, number)));
      }
      long beganNanos = System.nanoTime();
      for (int turn = 0; goesOn(System.nanoTime() - beganNanos, reports); turn++) {
        Level level = Level.of(turn % Level.values().length);
        VerifyRequest request = new VerifyRequest(level, null, turn % 2 == 0);
        reports.add(Site.await(tiers.verifier().begin(request).outcome()));
      }
      isOver.set(true);
      for (Future<?> one : moving) {
        one.get();
      }
    } finally {
      isOver.set(true);
      movers.shutdownNow();
      bucket.close();
    }

    assertThat(reports).allSatisfy(report -> assertThat(report.problem()).isNull());
    assertThat(reports).flatMap(VerifyReport::findings).as("seed %s", SEED).isEmpty();
    assertThat(checked(reports)).isGreaterThan(ENOUGH);
    assertThat(moves.get()).isGreaterThan(ENOUGH);
    assertThat(deletions.get()).isPositive();
    // Without a second look there would have been alarms, so the run could have told.
    assertThat(
            reports.stream().mapToLong(VerifyReport::unconfirmed).sum()
                + reports.stream().mapToLong(VerifyReport::segmentsMoving).sum())
        .isPositive();
  }

  /** For its time, and on a slow machine for longer, until enough has happened to tell. */
  private boolean goesOn(long forNanos, List<VerifyReport> reports) {
    boolean isEnough = moves.get() > ENOUGH && checked(reports) > ENOUGH && deletions.get() > 0;
    return forNanos < (isEnough ? DURATION : DURATION.plus(PATIENCE)).toNanos();
  }

  private static long checked(List<VerifyReport> reports) {
    return reports.stream().mapToLong(VerifyReport::segmentsChecked).sum();
  }

  /** One partition's life, again and again, with random moves of its segments. */
  private Void move(TieredStorageManager tiers, int number) throws Exception {
    Random random = new Random(SEED + number);
    PartitionId partition = new PartitionId("churn", number);
    DirectorySegments local = new DirectorySegments(root);
    long nextOffset = 0;
    while (!isOver.get()) {
      List<SegmentMetadata> segments = tiers.segments(partition);
      if (segments.size() < SEGMENTS) {
        SegmentId id = new SegmentId(partition, nextOffset);
        SegmentMetadata sealed =
            RecordLog.of(id, LOG_BYTES).write(root, System.currentTimeMillis());
        nextOffset = sealed.endOffset();
        tiers.register(sealed);
        moves.incrementAndGet();
        continue;
      }
      SegmentId id = segments.get(random.nextInt(segments.size())).id();
      switch (random.nextInt(12)) {
        case 0 -> {
          attempt(tiers.deleteBelow(partition, nextOffset));
          for (SegmentMetadata deleted : segments) {
            if (tiers.find(deleted.id()).map(now -> !now.state().isLocal()).orElse(true)) {
              local.free(deleted.id());
            }
          }
          deletions.incrementAndGet();
        }
        case 1, 2, 3 -> attempt(tiers.restore(id, "churn"));
        case 4 -> hold(tiers, id);
        case 5 -> tiers.runPolicy();
        default -> attempt(tiers.archive(id, "churn"));
      }
    }
    return null;
  }

  /** Archiving it meanwhile leaves its local files here. */
  private void hold(TieredStorageManager tiers, SegmentId id) throws Exception {
    try (LeasedSegment held = Site.await(tiers.open(id, "churn"))) {
      attempt(tiers.archive(held.files().id(), "churn"));
    } catch (CatalogException e) {
      return; // It was deleted meanwhile.
    }
  }

  private void attempt(CompletableFuture<?> move) throws Exception {
    try {
      Site.await(move);
      moves.incrementAndGet();
    } catch (SegmentBusyException | CatalogException e) {
      return; // Somebody else had it, or it is gone.
    }
  }
}
