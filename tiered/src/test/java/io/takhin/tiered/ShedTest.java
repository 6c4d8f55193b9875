package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.archive.GapRecords;
import io.takhin.tiered.archive.HeldException;
import io.takhin.tiered.archive.Hold;
import io.takhin.tiered.catalog.Gap;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.disk.DiskUsage;
import io.takhin.tiered.disk.OutagePolicy;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What happens to segments when the disk fills, with a store that answers and one that does not.
 */
final class ShedTest {
  private static final int BYTES = 1000;
  private static final long TOTAL = 100_000;
  private static final PartitionId PARTITION = new PartitionId("orders", 0);

  @TempDir Path dir;

  private final AtomicLong used = new AtomicLong();

  private TieredStorageManager open(Site site, OutagePolicy policy) throws Exception {
    return site.open(
        options ->
            options.outage(Site.outage(policy, directory -> new DiskUsage(used.get(), TOTAL))),
        Seams.NONE);
  }

  private static void fill(Site site, TieredStorageManager tiers, int segments) throws Exception {
    for (int i = 0; i < segments; i++) {
      site.sealed(tiers, i * 100L, BYTES);
      site.clock.advance(Duration.ofSeconds(1));
    }
  }

  private static SegmentId id(long baseOffset) {
    return new SegmentId(PARTITION, baseOffset);
  }

  /** Has the manager notice that the store is down. */
  private static void takeDown(Site site, TieredStorageManager tiers) throws Exception {
    site.store.goDown();
    for (int i = 0; i < 6; i++) {
      var unused = tiers.archive(id(i * 100L), "test").handle((done, failure) -> failure).get();
    }
    assertThat(site.store.fired()).isPositive();
  }

  private static List<String> ranges(TieredStorageManager tiers) {
    return tiers.gaps().all().stream()
        .map(gap -> gap.fromOffset() + "-" + gap.toOffset() + ":" + gap.bytes())
        .toList();
  }

  @Test
  void theOldestAreGivenUpWhileTheStoreIsDownAndNoMoreThanNeeded() throws Exception {
    try (Site site = new Site(dir)) {
      // Given ten segments, and a disk that is full by more than two of them
      TieredStorageManager tiers = open(site, OutagePolicy.SHED);
      fill(site, tiers, 10);
      takeDown(site, tiers);
      used.set(97_000);

      // When
      tiers.runPolicy();

      // Then 97,000 is 7,000 above the high mark, and one byte more is asked for
      assertThat(ranges(tiers)).containsExactly("0-800:8000");
      for (int i = 0; i < 10; i++) {
        assertThat(Files.exists(site.localLog(id(i * 100L)))).as("segment %s", i).isEqualTo(i >= 8);
        assertThat(tiers.find(id(i * 100L)).isPresent()).isEqualTo(i >= 8);
      }
      assertThat(tiers.gaps().firstAfter(PARTITION, 250)).isEqualTo(800);
      Gap gap = tiers.gaps().all().get(0);
      assertThat(gap.reason()).isEqualTo("disk full, store down");
      assertThat(gap.segments()).isEqualTo(8);
      assertThat(site.meters.counter("tiered.storage.shed.bytes").count()).isEqualTo(8000);

      // And when the store is back, the rest is archived, and the bucket knows what is missing
      used.set(10_000);
      site.store.heal();
      site.clock.advance(Site.COLD);
      tiers.runPolicy();
      tiers.runPolicy();
      ObjectKey record = new ObjectKey("cluster/.takhin/gaps/orders-0/00000000000000000000.json");
      ByteArrayOutputStream json = new ByteArrayOutputStream();
      long size = site.bucket.head(record).orElseThrow().sizeBytes();
      site.bucket.read(record, 0, size, null, Channels.newChannel(json));
      assertThat(GapRecords.parse(record, json.toByteArray())).isEqualTo(gap);
      assertThat(tiers.find(id(800)).orElseThrow().isArchived()).isTrue();
      assertThat(read(tiers, id(900))).isEqualTo(content(id(900), BYTES));
    }
  }

  @Test
  void aGapThatTheStoreTookAndDoesNotHaveIsToldAgain() throws Exception {
    try (Site site = new Site(dir)) {
      // Given a gap, and a store that acknowledges its record and drops it
      TieredStorageManager tiers = open(site, OutagePolicy.SHED);
      fill(site, tiers, 6);
      takeDown(site, tiers);
      used.set(97_000);
      tiers.runPolicy();
      used.set(0);
      site.store.heal();
      ObjectKey record = new ObjectKey("cluster/.takhin/gaps/orders-0/00000000000000000000.json");
      AtomicLong dropped = new AtomicLong();
      site.store.inject(
          new Fault() {
            @Override
            public void after(StoreOperation op, String key) throws StoreException {
              if (op == StoreOperation.PUT && key.equals(record.value())) {
                dropped.incrementAndGet();
                site.bucket.delete(record);
              }
            }
          });
      tiers.runPolicy();
      assertThat(dropped).hasPositiveValue();
      assertThat(site.bucket.head(record)).isEmpty();

      // When the store keeps what it takes
      site.store.heal();
      tiers.runPolicy();

      // Then
      assertThat(site.bucket.head(record)).isPresent();
    }
  }

  @Test
  void thatRecordsAreMissingFromWhatAHoldKeepsIsNotForgotten() throws Exception {
    try (Site site = new Site(dir)) {
      // Given a partition of which all was given up, and a hold
      TieredStorageManager tiers = open(site, OutagePolicy.SHED);
      fill(site, tiers, 6);
      takeDown(site, tiers);
      used.set(97_000);
      tiers.runPolicy();
      used.set(0);
      site.store.heal();
      tiers.runPolicy();
      tiers.holds().set(Hold.ofTopic("audit", "orders", "the auditors ask", 5));

      // When, Then
      assertThatThrownBy(() -> await(tiers.deletePartition(PARTITION)))
          .isInstanceOf(HeldException.class)
          .hasMessageContaining("gap=orders-0 from=0 to=600");
      assertThat(ranges(tiers)).containsExactly("0-600:6000");
      tiers.holds().release("audit");
      await(tiers.deletePartition(PARTITION));
      assertThat(ranges(tiers)).isEmpty();
    }
  }

  @Test
  void nothingIsGivenUpWhileTheStoreTakesIt() throws Exception {
    try (Site site = new Site(dir)) {
      TieredStorageManager tiers = open(site, OutagePolicy.SHED);
      fill(site, tiers, 10);
      used.set(97_000);
      tiers.runPolicy();
      Awaitility.await()
          .untilAsserted(() -> assertThat(tiers.stats().catalog().archivedSegments()).isPositive());
      assertThat(tiers.gaps().count()).isZero();
    }
  }

  @Test
  void otherPoliciesGiveNothingUp() throws Exception {
    for (OutagePolicy policy : List.of(OutagePolicy.HOLD, OutagePolicy.BACKPRESSURE)) {
      try (Site site = new Site(dir.resolve(policy.name()))) {
        TieredStorageManager tiers = open(site, policy);
        fill(site, tiers, 10);
        takeDown(site, tiers);
        used.set(99_000);
        site.clock.advance(Duration.ofMinutes(10));
        tiers.runPolicy();
        assertThat(tiers.gaps().count()).isZero();
        assertThat(tiers.stats().catalog().segments()).isEqualTo(10);
      }
    }
  }

  @Test
  void aStoreThatAnswersAndDoesNotRelieveTheDiskIsWaitedForAWhile() throws Exception {
    try (Site site = new Site(dir)) {
      // Given a store that takes nothing, but answers otherwise
      TieredStorageManager tiers = open(site, OutagePolicy.SHED);
      fill(site, tiers, 10);
      site.store.inject(
          new Fault() {
            @Override
            public void before(StoreOperation op, String key) throws StoreException {
              if (op == StoreOperation.PUT || op == StoreOperation.CREATE_MULTIPART) {
                throw new StoreException.Rejected("injected: bucket is full", null);
              }
            }
          });
      used.set(97_000);

      // When
      tiers.runPolicy();
      Awaitility.await().until(() -> tiers.stats().operationsUnderWay() == 0);
      assertThat(tiers.gaps().count()).isZero();
      site.clock.advance(DiskKeeper.PATIENCE);
      tiers.runPolicy();

      // Then
      assertThat(site.store.fired()).isPositive();
      Awaitility.await()
          .untilAsserted(
              () -> {
                site.clock.advance(DiskKeeper.SETTLING);
                tiers.runPolicy();
                assertThat(tiers.gaps().lostBytes()).isGreaterThanOrEqualTo(7000);
              });
      assertThat(tiers.gaps().all().get(0).reason()).isEqualTo("disk full, store too slow");
    }
  }

  @Test
  void whatAReaderHasStaysAndIsNoGap() throws Exception {
    try (Site site = new Site(dir)) {
      TieredStorageManager tiers = open(site, OutagePolicy.SHED);
      fill(site, tiers, 6);
      takeDown(site, tiers);
      try (var reader = await(tiers.open(id(0), "test"))) {
        used.set(97_000);
        tiers.runPolicy();
        assertThat(Files.exists(reader.files().log())).isTrue();
        assertThat(tiers.gaps().count()).isZero();
      }
    }
  }

  @Test
  void anUploadThatHadSucceededIsNoGapOnceTheBucketSaysSo() throws Exception {
    try (Site site = new Site(dir)) {
      // Given a manifest whose creation was not answered, by a store that answers nothing since
      TieredStorageManager tiers = open(site, OutagePolicy.SHED);
      fill(site, tiers, 6);
      goSilentAfterManifest(site);
      assertThat(tiers.archive(id(0), "test").handle((done, failure) -> failure).get())
          .isInstanceOf(StoreException.Unavailable.class);
      assertThat(tiers.find(id(0)).orElseThrow().state())
          .isInstanceOf(SegmentState.Uploading.class);
      for (int i = 1; i < 6; i++) {
        var unused = tiers.archive(id(i * 100L), "test").handle((done, failure) -> failure).get();
      }
      used.set(97_000);
      tiers.runPolicy();
      assertThat(ranges(tiers)).containsExactly("0-600:6000");

      // When
      site.store.heal();
      used.set(0);
      tiers.runPolicy();
      tiers.runPolicy();

      // Then
      assertThat(site.store.fired()).isPositive();
      assertThat(ranges(tiers)).containsExactly("100-600:5000");
      assertThat(tiers.find(id(0)).map(SegmentMetadata::isArchived)).contains(true);
      assertThat(read(tiers, id(0))).isEqualTo(content(id(0), BYTES));
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(site.bucket.list("cluster/.takhin/gaps/", null, 10))
                      .extracting(object -> object.key().value())
                      .containsExactly("cluster/.takhin/gaps/orders-0/00000000000000000100.json"));
    }
  }

  static void goSilentAfterManifest(Site site) {
    site.store.inject(
        new Fault() {
          private volatile boolean silent;

          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            if (silent) {
              throw new StoreException.Unavailable("injected: silence", null);
            }
          }

          @Override
          public void after(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.PUT && key.endsWith(".manifest.json")) {
              silent = true;
              throw new StoreException.Unavailable("injected: answer lost", null);
            }
          }
        });
  }

  @Test
  void aFullDiskArchivesAheadOfTheAge() throws Exception {
    try (Site site = new Site(dir)) {
      TieredStorageManager tiers = open(site, OutagePolicy.HOLD);
      fill(site, tiers, 10);
      used.set(82_500); // 2,500 above the low mark
      tiers.runPolicy();
      Awaitility.await()
          .untilAsserted(() -> assertThat(tiers.stats().catalog().archivedSegments()).isEqualTo(3));
      assertThat(tiers.find(id(200)).orElseThrow().isArchived()).isTrue();
      assertThat(tiers.find(id(300)).orElseThrow().isArchived()).isFalse();
    }
  }

  @Test
  void aGapIsThereAfterARestart() throws Exception {
    try (Site site = new Site(dir)) {
      TieredStorageManager tiers = open(site, OutagePolicy.SHED);
      fill(site, tiers, 10);
      takeDown(site, tiers);
      used.set(97_000);
      tiers.runPolicy();
      tiers.close();
      used.set(0);
      assertThat(ranges(open(site, OutagePolicy.HOLD))).containsExactly("0-800:8000");
    }
  }

  @Test
  void aDeletedPartitionHasNoGaps() throws Exception {
    try (Site site = new Site(dir)) {
      TieredStorageManager tiers = open(site, OutagePolicy.SHED);
      fill(site, tiers, 10);
      takeDown(site, tiers);
      used.set(97_000);
      tiers.runPolicy();
      used.set(0);
      site.store.heal();
      tiers.runPolicy();
      assertThat(site.bucket.list("cluster/.takhin/gaps/", null, 10)).hasSize(1);
      await(tiers.deletePartition(PARTITION));
      assertThat(tiers.gaps().count()).isZero();
      tiers.runPolicy();
      assertThat(site.bucket.list("cluster/.takhin/gaps/", null, 10)).isEmpty();
    }
  }
}
