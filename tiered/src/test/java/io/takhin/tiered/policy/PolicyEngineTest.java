package io.takhin.tiered.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.catalog.Tier;
import io.takhin.tiered.catalog.UploadIntent;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyEngineTest {
  private static final PartitionId PARTITION = new PartitionId("orders", 0);
  private static final TierPolicy POLICY =
      new TierPolicy(Duration.ofDays(3), Duration.ofDays(7), Duration.ZERO, true);
  private static final Duration INTERVAL = Duration.ofMillis(100);

  @TempDir Path directory;
  private final MovableClock clock = new MovableClock();
  private final Mover mover = new Mover();
  private SegmentCatalog catalog;

  @BeforeEach
  void open() throws CatalogException {
    catalog = SegmentCatalog.open(directory.resolve("catalog.db"), clock);
  }

  @AfterEach
  void close() throws CatalogException {
    catalog.close();
  }

  private PolicyEngine engine(int maxInFlight) {
    return new PolicyEngine(
        catalog,
        POLICY,
        mover,
        failure ->
            failure instanceof UncheckedIOException ? FailureScope.STORE : FailureScope.SEGMENT,
        clock,
        INTERVAL,
        maxInFlight);
  }

  private SegmentId register(long index) throws CatalogException {
    SegmentId id = new SegmentId(PARTITION, index * 10);
    catalog.register(SegmentMetadata.sealed(id, index * 10 + 10, 1, 1_000, clock.millis() + index));
    return id;
  }

  @Test
  void aSegmentGoesHotWarmColdAsTimePasses() throws Exception {
    SegmentId id = register(0);
    try (PolicyEngine engine = engine(4)) {
      assertThat(engine.runOnce().due()).isZero();

      clock.advance(Duration.ofDays(3));
      assertThat(engine.runOnce()).isEqualTo(new PolicyRun(1, 1, 0, 0, 0, 0, 0));
      assertThat(catalog.find(id).orElseThrow().tier()).isEqualTo(Tier.WARM);

      clock.advance(Duration.ofDays(4));
      PolicyRun run = engine.runOnce();

      assertThat(run.archived()).isEqualTo(1);
      assertThat(run.reclaimed()).isEqualTo(1);
      assertThat(run.failed()).isZero();
      assertThat(catalog.find(id).orElseThrow().isArchived()).isTrue();
      assertThat(catalog.find(id).orElseThrow().tier()).isEqualTo(Tier.COLD);
      assertThat(engine.runOnce()).isEqualTo(PolicyRun.NONE);
    }
  }

  @Test
  void theOldestSegmentsGoFirst() throws Exception {
    List<SegmentId> ids = new ArrayList<>();
    for (long index : List.of(2L, 0L, 3L, 1L)) {
      ids.add(register(index));
    }
    clock.advance(Duration.ofHours(200));
    ids.sort(null);

    try (PolicyEngine engine = engine(1)) {
      engine.runOnce();
    }

    assertThat(mover.archives).containsExactlyElementsOf(ids);
  }

  @Test
  void aFailedActionIsDueAgainAndStopsNobody() throws Exception {
    SegmentId bad = register(0);
    SegmentId good = register(1);
    clock.advance(Duration.ofHours(200));
    mover.broken.add(bad);
    try (PolicyEngine engine = engine(1)) {
      PolicyRun first = engine.runOnce();
      assertThat(first.failed()).isEqualTo(1);
      assertThat(first.archived()).isEqualTo(1);
      assertThat(catalog.find(good).orElseThrow().isArchived()).isTrue();
      mover.broken.clear();

      PolicyRun second = engine.runOnce();

      assertThat(second.archived()).isEqualTo(1);
      assertThat(catalog.find(bad).orElseThrow().isArchived()).isTrue();
    }
  }

  @Test
  void aSegmentThatCannotMoveNowIsDeferredAndIsNoFailure() throws Exception {
    SegmentId held = register(0);
    clock.advance(Duration.ofHours(200));
    mover.held.add(held);
    try (PolicyEngine engine = engine(1)) {
      PolicyRun first = engine.runOnce();
      assertThat(first.failed()).isZero();
      assertThat(first.deferred()).isEqualTo(1);
      mover.held.clear();

      PolicyRun second = engine.runOnce();

      assertThat(second.archived()).isEqualTo(1);
      assertThat(catalog.find(held).orElseThrow().isArchived()).isTrue();
    }
  }

  @Test
  void aStoreThatRefusesEverybodyIsAskedOnceAPass() throws Exception {
    for (long index = 0; index < 50; index++) {
      register(index);
    }
    clock.advance(Duration.ofHours(200));
    mover.storeDown = true;
    try (PolicyEngine engine = engine(1)) {
      PolicyRun down = engine.runOnce();
      assertThat(mover.archives).hasSize(1);
      assertThat(down.failed()).isEqualTo(1);
      assertThat(down.deferred()).isEqualTo(49);
      assertThat(catalog.stats().byTier()).containsEntry(Tier.COLD, 50L);
      mover.storeDown = false;

      PolicyRun up = engine.runOnce();

      assertThat(up.archived()).isEqualTo(50);
    }
  }

  @Test
  void anActionThatChangesNothingDoesNotGoRoundInCircles() throws Exception {
    register(0);
    clock.advance(Duration.ofHours(200));
    mover.idle = true;
    try (PolicyEngine engine = engine(1)) {
      engine.runOnce();
      engine.runOnce();
    }

    assertThat(mover.archives).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void anActionThatDoesNotEndDoesNotHoldThePassAndIsNotForgotten() throws Exception {
    SegmentId stuck = register(0);
    SegmentId good = register(1);
    clock.advance(Duration.ofHours(200));
    mover.stuck.add(stuck);
    try (PolicyEngine engine = engine(2)) {
      PolicyRun run = engine.runOnce();

      assertThat(run.running()).isEqualTo(1);
      assertThat(catalog.find(good).orElseThrow().isArchived()).isTrue();
      mover.stuck.clear();
      mover.never.completeExceptionally(new IllegalStateException("gave up after all"));
      assertThat(engine.runOnce().archived()).isEqualTo(1);
    }
  }

  @Test
  void aSegmentThatWaitedForRoomInAnInterruptedPassIsNotForgotten() throws Exception {
    // Given a pass that is interrupted while a stuck action takes all the room
    SegmentId stuck = register(0);
    SegmentId waiting = register(1);
    clock.advance(Duration.ofHours(200));
    mover.stuck.add(stuck);
    try (PolicyEngine engine = engine(1)) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(engine::runOnce).isInstanceOf(InterruptedException.class);

      // When the next pass runs
      engine.runOnce();

      // Then it goes on with the segment that had no turn
      assertThat(catalog.find(waiting).orElseThrow().isArchived()).isTrue();
    }
  }

  @Test
  void aClockThatWentBackTellsTheTiersAnew() throws Exception {
    SegmentId id = register(0);
    try (PolicyEngine engine = engine(1)) {
      clock.advance(Duration.ofHours(100));
      engine.runOnce();
      assertThat(catalog.find(id).orElseThrow().tier()).isEqualTo(Tier.WARM);

      clock.advance(Duration.ofHours(-100));
      engine.runOnce();

      assertThat(catalog.find(id).orElseThrow().tier()).isEqualTo(Tier.HOT);
      clock.advance(Duration.ofDays(3));
      assertThat(engine.runOnce().reclassified()).isEqualTo(1);
    }
  }

  @Test
  void aRestoredSegmentIsNotFreedByTheNextPass() throws Exception {
    SegmentId id = register(0);
    clock.advance(Duration.ofHours(200));
    try (PolicyEngine engine = engine(1)) {
      engine.runOnce();
      SegmentState.RemoteOnly remote =
          (SegmentState.RemoteOnly) catalog.find(id).orElseThrow().state();
      catalog.transition(id, remote, remote.restore(), "test");

      assertThat(engine.runOnce()).isEqualTo(PolicyRun.NONE);

      clock.advance(Duration.ofHours(100));
      catalog.touch(id, clock.millis());
      clock.advance(Duration.ofHours(100));
      assertThat(engine.runOnce().reclaimed()).isZero();
      clock.advance(Duration.ofHours(68));
      assertThat(engine.runOnce().reclaimed()).isEqualTo(1);
    }
  }

  @Test
  void segmentsFoundAtTheStartAreClassifiedAtOnce() throws Exception {
    register(0);
    clock.advance(Duration.ofHours(100));

    try (PolicyEngine engine = engine(1)) {
      assertThat(engine.lastRun()).isEqualTo(PolicyRun.NONE);
      assertThat(catalog.stats().byTier()).containsEntry(Tier.WARM, 1L);
    }
  }

  @Test
  void passesRunByThemselvesAndSurviveAFault() throws Exception {
    for (long index = 0; index < 3; index++) {
      register(index);
    }
    clock.advance(Duration.ofHours(200));
    clock.faults.set(1);
    try (PolicyEngine engine =
        PolicyEngine.start(
            catalog, POLICY, mover, failure -> FailureScope.SEGMENT, clock, INTERVAL, 1)) {
      Awaitility.await().until(() -> catalog.stats().archivedSegments() == 3);
      assertThat(clock.faults).hasValue(0);
      assertThat(engine.lastRun()).isNotNull();
    }
  }

  /** Moves segments at once, in the catalog only, unless told otherwise. */
  private final class Mover implements TierActions {
    final List<SegmentId> archives = new ArrayList<>();
    final Set<SegmentId> broken = new HashSet<>();
    final Set<SegmentId> held = new HashSet<>();
    final Set<SegmentId> stuck = new HashSet<>();
    final CompletableFuture<SegmentMetadata> never = new CompletableFuture<>();
    boolean storeDown;
    boolean idle;

    @Override
    public CompletableFuture<SegmentMetadata> archive(SegmentId id, String reason) {
      archives.add(id);
      if (storeDown) {
        return CompletableFuture.failedFuture(
            new UncheckedIOException(new IOException("bucket is gone")));
      }
      if (broken.contains(id)) {
        throw new IllegalStateException("file is gone");
      }
      if (held.contains(id)) {
        return CompletableFuture.failedFuture(new SegmentBusyException(id, "a reader holds it"));
      }
      if (stuck.contains(id)) {
        return never;
      }
      return idle ? completed(catalog.find(id).orElseThrow()) : moved(id, this::archiveNow);
    }

    @Override
    public CompletableFuture<SegmentMetadata> reclaim(SegmentId id, String reason) {
      return moved(id, this::reclaimNow);
    }

    private SegmentMetadata archiveNow(SegmentId id) throws CatalogException {
      String stem = "p/" + id.partition().directory() + "/" + id.fileStem();
      SegmentState.Uploading uploading =
          new SegmentState.Local()
              .begin(new UploadIntent("a", new ObjectKey(stem + ".manifest.json"), clock.millis()));
      catalog.transition(id, new SegmentState.Local(), uploading, "test");
      Receipt receipt =
          new Receipt(
              uploading.intent().manifest(),
              List.of(
                  new ArchivedFile(
                      FileKind.LOG, new ObjectKey(stem + ".log"), 1_000, Crc32c.EMPTY)),
              clock.millis());
      return catalog.transition(id, uploading, uploading.commit(receipt), "test");
    }

    private SegmentMetadata reclaimNow(SegmentId id) throws CatalogException {
      SegmentState state = catalog.find(id).orElseThrow().state();
      SegmentState.RemoteOnly next =
          state instanceof SegmentState.Archived archived
              ? archived.reclaim()
              : ((SegmentState.Restored) state).reclaim();
      return catalog.transition(id, state, next, "test");
    }

    private CompletableFuture<SegmentMetadata> moved(SegmentId id, Move move) {
      try {
        return completed(move.apply(id));
      } catch (CatalogException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    private CompletableFuture<SegmentMetadata> completed(SegmentMetadata segment) {
      return CompletableFuture.completedFuture(segment);
    }
  }

  private interface Move {
    SegmentMetadata apply(SegmentId id) throws CatalogException;
  }

  /** Stands still until it is moved; fails as often as told, on the engine's thread only. */
  private static final class MovableClock extends Clock {
    final AtomicInteger faults = new AtomicInteger();
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      boolean passes = Thread.currentThread().getName().equals("policy-engine");
      if (passes && faults.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        throw new IllegalStateException("clock is broken");
      }
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
