package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.archive.Orphan;
import io.takhin.tiered.archive.Orphan.Reason;
import io.takhin.tiered.archive.SweepPlan;
import io.takhin.tiered.archive.SweepResult;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What has no owner goes, and nothing else does. */
final class SweepTest {
  private static final int BYTES = 3000;
  private static final Duration GRACE = Duration.ofHours(24);
  private static final String STRAY = "orders-0/00000000000000000500.log";
  private static final String STRAY_INDEX = "orders-0/00000000000000000500.index";

  private Site site;
  private TieredStorageManager tiers;
  private SegmentId id;

  @BeforeEach
  void open(@TempDir Path root) throws Exception {
    site = new Site(root);
    tiers = site.open();
    id = site.sealed(tiers, 0, BYTES);
  }

  @AfterEach
  void close() throws Exception {
    site.close();
  }

  private static ObjectKey key(String below) {
    return new ObjectKey("cluster/" + below);
  }

  private void put(String below) throws StoreException {
    ByteBuffer body = ByteBuffer.wrap(below.getBytes(StandardCharsets.UTF_8));
    site.bucket.put(key(below), body, Crc32c.of(body), PutOptions.BINARY);
  }

  private List<String> keysBelow(String folder) throws StoreException {
    return site.bucket.list("cluster/" + folder, null, 1000).stream()
        .map(object -> object.key().value().substring("cluster/".length()))
        .toList();
  }

  private SweepResult sweep() throws Exception {
    return await(tiers.sweeper().sweep()).result();
  }

  @Test
  void planListsWhatNothingNamesAndRemovesNothing() throws Exception {
    await(tiers.archive(id, "test"));
    List<String> archived = keysBelow("orders-0/");
    put(STRAY);
    put("orders-0/00000000000000000000.snapshot");
    Multipart unfinished =
        site.bucket.startMultipart(key("orders-0/00000000000000000700.log"), PutOptions.BINARY);
    put("notes/readme.md");
    List<String> before = keysBelow("");
    site.clock.advance(GRACE);

    SweepPlan plan = await(tiers.sweeper().plan());

    assertThat(plan.orphans())
        .extracting(Orphan::reason, orphan -> orphan.key().value())
        .containsExactlyInAnyOrder(
            tuple(Reason.ABANDONED_UPLOAD, unfinished.upload().key().value()),
            tuple(Reason.NOT_NAMED, "cluster/orders-0/00000000000000000000.snapshot"),
            tuple(Reason.NO_MANIFEST, "cluster/" + STRAY));
    assertThat(plan.orphanCount()).isEqualTo(3);
    assertThat(plan.foreignKeys()).containsExactly("cluster/notes/readme.md");
    assertThat(keysBelow(""))
        .containsAll(before)
        .contains(".takhin/clock.txt")
        .hasSize(before.size() + 1);
    assertThat(site.bucket.pendingUploads("")).hasSize(1);
    assertThat(archived).isNotEmpty();
  }

  @Test
  void sweepRemovesWhatThePlanListsAndKeepsTheRest() throws Exception {
    await(tiers.archive(id, "test"));
    List<String> archived = keysBelow("orders-0/");
    put(STRAY);
    put("orders-0/00000000000000000000.snapshot");
    Multipart unfinished =
        site.bucket.startMultipart(key("orders-0/00000000000000000700.log"), PutOptions.BINARY);
    put("notes/readme.md");
    site.clock.advance(GRACE);

    SweepResult result = sweep();

    assertThat(result.removedObjects()).isEqualTo(2);
    assertThat(result.abortedUploads()).isEqualTo(1);
    assertThat(result.kept() + result.retained()).isZero();
    assertThat(keysBelow("orders-0/")).isEqualTo(archived);
    assertThat(keysBelow("notes/")).hasSize(1);
    assertThat(site.bucket.pendingUploads("")).doesNotContain(unfinished.upload());
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
    assertThat(await(tiers.sweeper().plan()).orphanCount()).isZero();
    assertThat(site.meters.counter("tiered.storage.sweep.removed.objects").count()).isEqualTo(2);
  }

  @Test
  void youngerThanTheGraceStaysWithAllOfItsSegment() throws Exception {
    put(STRAY_INDEX);
    site.clock.advance(GRACE.minusHours(1));
    put(STRAY); // A slow writer's log, hours after its index.
    site.clock.advance(Duration.ofHours(2));

    assertThat(sweep().removedObjects()).isZero();
    assertThat(tiers.sweeper().lastPlan().orElseThrow().young()).isEqualTo(2);
    site.clock.advance(GRACE);
    assertThat(sweep().removedObjects()).isEqualTo(2);
  }

  @Test
  void aYoungUploadKeepsTheObjectsOfItsSegment() throws Exception {
    put(STRAY_INDEX);
    site.clock.advance(GRACE);
    site.bucket.startMultipart(key(STRAY), PutOptions.BINARY).upload();

    SweepResult result = sweep();

    assertThat(result.removedObjects() + result.abortedUploads()).isZero();
  }

  @Test
  void aWrongClockHereRemovesNothingEarly(@TempDir Path another) throws Exception {
    put(STRAY);
    MutableClock fast = new MutableClock(site.clock.instant().plus(Duration.ofDays(365)));
    try (TieredStorageManager hurried =
        TieredStorageManager.open(
            Site.options(another).build(),
            site.store,
            new DirectorySegments(another),
            site.meters,
            fast)) {
      assertThat(await(hurried.sweeper().sweep()).result().removedObjects()).isZero();
    }
    assertThat(keysBelow("orders-0/")).contains(STRAY);
  }

  @Test
  void uploadUnderWayIsLeftAloneEvenWithoutGrace() throws Exception {
    TieredStorageManager eager = reopenWithoutGrace();
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch swept = new CountDownLatch(1);
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) {
            if (op == StoreOperation.PUT && key.endsWith("manifest.json")) {
              reached.countDown();
              uninterruptibly(swept);
            }
          }
        });
    CompletableFuture<SegmentMetadata> archiving = eager.archive(id, "test");
    uninterruptibly(reached);

    SweepResult result = await(eager.sweeper().sweep()).result();
    swept.countDown();

    assertThat(result.removedObjects()).isZero();
    assertThat(await(archiving).isArchived()).isTrue();
    assertThat(read(eager, id)).isEqualTo(content(id, BYTES));
  }

  @Test
  void whatAnAttemptLeftThatIsNotSettledYetIsItsOwnEvenWithoutGrace() throws Exception {
    // Given an attempt that was broken off when the store went away, and a store that is back
    TieredStorageManager eager = reopenWithoutGrace();
    AtomicBoolean down = new AtomicBoolean();
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            if (down.get() || (op == StoreOperation.PUT && key.endsWith("manifest.json"))) {
              down.set(true);
              throw new StoreException.Unavailable("injected: went down", null);
            }
          }
        });
    assertThatThrownBy(() -> await(eager.archive(id, "test")))
        .isInstanceOf(StoreException.Unavailable.class);
    site.store.heal();
    assertThat(eager.find(id).orElseThrow().state().label()).isEqualTo("uploading");

    SweepPlan plan = await(eager.sweeper().plan());

    assertThat(plan.orphans()).isEmpty();
    assertThat(keysBelow("orders-0/")).hasSize(4);
  }

  private TieredStorageManager reopenWithoutGrace() throws Exception {
    tiers.close();
    return site.open(options -> options.sweepGrace(Duration.ZERO), Seams.NONE);
  }

  private static void uninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts this", e);
    }
  }

  @Test
  void manifestsAreNeverRemovedEvenIfNobodyKnowsThem(@TempDir Path another) throws Exception {
    await(tiers.archive(id, "test"));
    List<String> archived = keysBelow("orders-0/");
    site.clock.advance(GRACE);
    try (TieredStorageManager stranger =
        TieredStorageManager.open(
            Site.options(another).build(),
            site.store,
            new DirectorySegments(another),
            site.meters,
            site.clock)) {

      SweepPlan plan = await(stranger.sweeper().sweep()).plan();

      assertThat(plan.unclaimedManifests()).isEqualTo(1);
      assertThat(plan.orphanCount()).isZero();
    }
    assertThat(keysBelow("orders-0/")).isEqualTo(archived);
  }

  @Test
  void unreadableManifestKeepsEverythingBesideIt() throws Exception {
    put(STRAY);
    put("orders-0/00000000000000000500.manifest.json");
    site.clock.advance(GRACE);

    assertThat(sweep().removedObjects()).isZero();
    assertThat(tiers.sweeper().lastPlan().orElseThrow().unreadableManifests()).isEqualTo(1);
  }

  @Test
  void filesOfAReceiptWhoseManifestIsLostStay() throws Exception {
    await(tiers.archive(id, "test"));
    site.bucket.delete(key("orders-0/00000000000000000000.manifest.json"));
    site.clock.advance(GRACE);

    assertThat(sweep().removedObjects()).isZero();
    assertThat(tiers.sweeper().lastPlan().orElseThrow().orphanCount()).isZero();
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
  }

  @Test
  void refusalOfOneRetainsItAndConcernsNoOther() throws Exception {
    put(STRAY);
    put(STRAY_INDEX);
    site.clock.advance(GRACE);
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.DELETE && key.endsWith(".log")) {
              throw new StoreException.Rejected("injected: 403 AccessDenied by Object Lock", null);
            }
          }
        });

    SweepResult result = sweep();

    assertThat(site.store.fired()).isEqualTo(1);
    assertThat(result.retained()).isEqualTo(1);
    assertThat(result.removedObjects()).isEqualTo(1);
    assertThat(result.stopped()).isEmpty();
    assertThat(site.store.requests(StoreOperation.DELETE)).isEqualTo(2);
  }

  @Test
  void storeThatGoesDownEndsTheSweep() throws Exception {
    put(STRAY);
    put(STRAY_INDEX);
    site.clock.advance(GRACE);
    site.store.refuse(StoreOperation.DELETE, "");

    SweepResult result = sweep();

    assertThat(site.store.fired()).isEqualTo(1);
    assertThat(result.stopped()).isPresent();
    assertThat(result.removedObjects()).isZero();
    site.store.goDown();
    assertThatThrownBy(this::sweep).isInstanceOf(StoreException.Unavailable.class);
    site.store.heal();
    assertThat(sweep().removedObjects()).isEqualTo(2);
  }

  @Test
  void manifestThatAppearsAfterThePlanKeepsItsFiles() throws Exception {
    put(STRAY);
    site.clock.advance(GRACE);
    onHead("500.manifest.json", () -> put("orders-0/00000000000000000500.manifest.json"));

    SweepResult result = sweep();

    assertThat(result.kept()).isEqualTo(1);
    assertThat(keysBelow("orders-0/")).contains(STRAY);
  }

  @Test
  void objectWrittenAnewAfterThePlanStays() throws Exception {
    put(STRAY);
    site.clock.advance(GRACE);
    onHead("500.manifest.json", () -> put(STRAY));

    SweepResult result = sweep();

    assertThat(result.kept()).isEqualTo(1);
    assertThat(keysBelow("orders-0/")).contains(STRAY);
  }

  private interface BucketChange {
    void make() throws StoreException;
  }

  private void onHead(String ending, BucketChange change) {
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.HEAD && key.endsWith(ending)) {
              change.make();
            }
          }
        });
  }

  /** Sweeps without grace race with everything else; intents alone protect what is under way. */
  @Test
  void nothingIsLostWhileSegmentsMoveUnderSweeps() throws Exception {
    long seed = 20261121;
    TieredStorageManager eager = reopenWithoutGrace();
    AtomicBoolean moving = new AtomicBoolean(true);
    CompletableFuture<Integer> sweeping =
        CompletableFuture.supplyAsync(() -> sweepWhile(eager, moving));
    List<SegmentId> ids = new ArrayList<>(List.of(id));
    Random random = new Random(seed);
    for (int round = 1; round <= 150; round++) {
      if (round % 5 == 0) {
        ids.add(site.sealed(eager, round * 100L, BYTES));
      }
      SegmentId chosen = ids.get(random.nextInt(ids.size()));
      moveSomehow(eager, chosen, random.nextInt(3));
      if (round % 10 == 0) {
        SegmentId gone = SegmentId.of("gone-" + round, 0, 0);
        eager.register(site.write(gone, BYTES));
        await(eager.archive(gone, "race"));
        await(eager.deletePartition(new PartitionId("gone-" + round, 0)));
      }
    }
    moving.set(false);

    assertThat(sweeping.get()).as("sweeps made, seed %s", seed).isPositive();
    for (SegmentId each : ids) {
      assertThat(read(eager, each)).as("%s, seed %s", each, seed).isEqualTo(content(each, BYTES));
    }
  }

  private static void moveSomehow(TieredStorageManager tiers, SegmentId id, int move)
      throws Exception {
    try {
      switch (move) {
        case 0 -> await(tiers.archive(id, "race"));
        case 1 -> await(tiers.restore(id, "race"));
        default -> assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
      }
    } catch (SegmentBusyException | CatalogException.Conflict e) {
      assertThat(e).as("a move may have to wait").isNotNull();
    }
  }

  private int sweepWhile(TieredStorageManager tiers, AtomicBoolean moving) {
    int sweeps = 0;
    while (moving.get()) {
      try {
        put("orders-0/" + SegmentId.of("x", 0, 1_000_000L + sweeps).fileStem() + ".log");
        sweeps += await(tiers.sweeper().sweep()).result().stopped().isEmpty() ? 1 : 0;
      } catch (StoreException e) {
        throw new UncheckedIOException(e);
      } catch (Exception e) {
        throw new AssertionError("a sweep failed", e);
      }
    }
    return sweeps;
  }

  @Test
  void twoManagersOnOnePrefixDoNotSweepEachOther(@TempDir Path another) throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch swept = new CountDownLatch(1);
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) {
            if (op == StoreOperation.PUT && key.endsWith("manifest.json")) {
              reached.countDown();
              uninterruptibly(swept);
            }
          }
        });
    CompletableFuture<SegmentMetadata> archiving = tiers.archive(id, "test");
    uninterruptibly(reached);
    try (TieredStorageManager stranger =
        TieredStorageManager.open(
            Site.options(another).build(),
            site.store,
            new DirectorySegments(another),
            site.meters,
            site.clock)) {

      assertThat(await(stranger.sweeper().sweep()).result().removedObjects()).isZero();
    } finally {
      swept.countDown();
    }

    assertThat(await(archiving).isArchived()).isTrue();
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
  }
}
