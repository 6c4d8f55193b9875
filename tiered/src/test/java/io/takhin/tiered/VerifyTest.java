package io.takhin.tiered;

import static io.takhin.tiered.DamageScene.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.read.LeasedSegment;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.verify.Finding;
import io.takhin.tiered.verify.FindingKind;
import io.takhin.tiered.verify.Level;
import io.takhin.tiered.verify.VerifyOptions;
import io.takhin.tiered.verify.VerifyReport;
import io.takhin.tiered.verify.VerifyRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a verification costs, what it leaves alone, and how it goes on by itself. */
class VerifyTest {
  @TempDir Path root;

  private static VerifyReport verify(
      TieredStorageManager tiers, Level level, @Nullable String topic, boolean repair)
      throws Exception {
    return Site.await(tiers.verifier().begin(new VerifyRequest(level, topic, repair)).outcome());
  }

  private static SegmentId archived(Site site, TieredStorageManager tiers, String topic)
      throws Exception {
    SegmentId id = SegmentId.of(topic, 0, 0);
    tiers.register(RecordLog.of(id, 50_000).write(site.root, site.clock.millis()));
    Site.await(tiers.archive(id, "test"));
    return id;
  }

  @Test
  void eachLevelCostsWhatItSays() throws Exception {
    try (Site site = new Site(root)) {
      TieredStorageManager tiers = site.open();
      archived(site, tiers, "orders");
      archived(site, tiers, "other");

      int lists = site.store.requests(StoreOperation.LIST);
      int heads = site.store.requests(StoreOperation.HEAD);
      int reads = site.store.requests(StoreOperation.GET);
      VerifyReport listing = verify(tiers, Level.LISTING, "orders", false);
      assertThat(site.store.requests(StoreOperation.LIST) - lists).isEqualTo(1);
      assertThat(site.store.requests(StoreOperation.HEAD) - heads).isZero();
      assertThat(site.store.requests(StoreOperation.GET) - reads).isZero();
      assertThat(listing.requests()).isEqualTo(1);
      assertThat(listing.segmentsTotal()).isEqualTo(1);

      VerifyReport checksums = verify(tiers, Level.CHECKSUMS, "orders", false);
      assertThat(site.store.requests(StoreOperation.HEAD) - heads)
          .as("four files and the manifest")
          .isEqualTo(5);
      assertThat(site.store.requests(StoreOperation.GET) - reads).as("the manifest").isEqualTo(1);
      assertThat(checksums.requests()).isEqualTo(7);
      assertThat(checksums.bytesRead()).isZero();

      VerifyReport content = verify(tiers, Level.CONTENT, "orders", false);
      assertThat(content.requests()).as("one more for each file").isEqualTo(11);
      assertThat(content.bytesRead()).isGreaterThan(50_000);
    }
  }

  @Test
  void aRepairWaitsForReadersAndIsMadeWhenTheyHaveGone() throws Exception {
    try (DamageScene scene = new DamageScene(root)) {
      try (LeasedSegment reader = Site.await(scene.tiers().open(DamageScene.RESTORED, "test"))) {
        scene.flipFile(reader.files().id(), FileKind.LOG);

        VerifyReport held = scene.verify(Level.CHECKSUMS, true);

        assertThat(held.findings())
            .singleElement()
            .satisfies(
                found -> {
                  assertThat(found.kind()).isEqualTo(FindingKind.LOCAL_CONTENT);
                  assertThat(found.outcome()).isEqualTo(Finding.Outcome.DEFERRED);
                });
        assertThat(scene.tiers().quarantine().list()).isEmpty();
      }
      assertThat(scene.verify(Level.CHECKSUMS, true).unrepaired()).isZero();
      assertThat(scene.verify(Level.CONTENT, false).findings()).isEmpty();
    }
  }

  @Test
  void indexesThatTheBrokerMadeAnewAreNoDamage() throws Exception {
    try (DamageScene scene = new DamageScene(root)) {
      RecordLog other = RecordLog.of(DamageScene.ARCHIVED, 300_000, 30_000);
      Files.write(scene.file(DamageScene.ARCHIVED, FileKind.INDEX), other.index());
      Files.write(scene.file(DamageScene.ARCHIVED, FileKind.TIMEINDEX), other.timeIndex());

      assertThat(scene.verify(Level.CONTENT, false).findings()).isEmpty();
    }
  }

  @Test
  void aNewProofKeepsTheLogAndTheNextArchiveIsALocalDelete() throws Exception {
    try (DamageScene scene = new DamageScene(root)) {
      SegmentMetadata before = scene.segment(DamageScene.SPARSE);
      for (String extension : new String[] {"index", "timeindex", "readindex"}) {
        scene.delete(key(DamageScene.SPARSE, extension));
      }

      assertThat(scene.verify(Level.CHECKSUMS, true).isClean()).isTrue();

      SegmentMetadata after = scene.segment(DamageScene.SPARSE);
      assertThat(after.state()).isInstanceOf(SegmentState.RemoteOnly.class);
      assertThat(after.state()).isNotEqualTo(before.state());
      assertThat(after.state().receipt().orElseThrow().log())
          .isEqualTo(before.state().receipt().orElseThrow().log());
      assertThat(scene.read(DamageScene.SPARSE)).isEqualTo(scene.original(DamageScene.SPARSE));
      assertThat(Site.await(scene.tiers().archive(DamageScene.SPARSE, "test")).isArchived())
          .isTrue();
    }
  }

  @Test
  void aStoreThatIsDownEndsARunAndIsNoFinding() throws Exception {
    try (Site site = new Site(root)) {
      TieredStorageManager tiers = site.open();
      archived(site, tiers, "orders");
      site.store.refuse(StoreOperation.HEAD, ".log");

      VerifyReport report = verify(tiers, Level.CHECKSUMS, "orders", true);

      assertThat(site.store.fired()).isPositive();
      assertThat(report.problem()).isNotNull();
      assertThat(report.findings()).isEmpty();
      assertThat(report.isClean()).isFalse();
      assertThat(tiers.quarantine().list()).isEmpty();
    }
  }

  @Test
  void theBackgroundFindsDamageAndLeavesItAsItIs() throws Exception {
    VerifyOptions often =
        VerifyOptions.DEFAULT
            .with(Duration.ofMillis(50), 0, 0, Level.CHECKSUMS)
            .withDelays(Duration.ZERO, Duration.ZERO);
    try (Site site = new Site(root)) {
      TieredStorageManager tiers = site.open(options -> options.verify(often), Seams.NONE);
      SegmentId id = archived(site, tiers, "orders");
      site.bucket.delete(key(id, "index"));

      Awaitility.await()
          .until(
              () -> {
                site.clock.advance(Duration.ofMillis(10));
                return tiers.verifier().background().lastFindings() == 1;
              });

      assertThat(site.bucket.head(key(id, "index"))).isEmpty();
      assertThat(tiers.quarantine().list()).isEmpty();
      assertThat(
              site.meters
                  .counter(
                      "tiered.storage.verify.findings",
                      "kind",
                      "object_missing",
                      "outcome",
                      "reported")
                  .count())
          .isPositive();
    }
  }
}
