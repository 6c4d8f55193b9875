package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.takhin.tiered.archive.AnotherWriterException;
import io.takhin.tiered.archive.HeldException;
import io.takhin.tiered.archive.Hold;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.rebuild.CatalogRebuild;
import io.takhin.tiered.rebuild.RebuildOptions;
import io.takhin.tiered.rebuild.RebuildProblem;
import io.takhin.tiered.rebuild.RebuildReport;
import io.takhin.tiered.rebuild.RebuiltPartition;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bucket is the truth: what it holds comes back without anything else. */
final class RebuildTest {
  private static final int BYTES = 3000;
  private static final int SEGMENTS = 4;
  private static final RebuildOptions ALONE = RebuildOptions.fromBucketAlone("cluster");

  @TempDir Path root;
  private Site site;
  private Site fresh;
  private Path catalogFile;
  private final List<SegmentId> ids = new ArrayList<>();

  @BeforeEach
  void archive() throws Exception {
    site = new Site(root.resolve("lost"));
    fresh = new Site(root.resolve("new"));
    catalogFile = Site.options(fresh.root).build().catalogFile();
    TieredStorageManager tiers = site.open();
    for (int partition = 0; partition < 2; partition++) {
      for (int i = 0; i < SEGMENTS; i++) {
        SegmentId id = SegmentId.of("orders", partition, 100L * i);
        tiers.register(site.write(id, BYTES));
        assertThat(await(tiers.archive(id, "test")).isArchived()).isTrue();
        ids.add(id);
      }
    }
    tiers.close();
  }

  @AfterEach
  void close() throws Exception {
    fresh.close();
    site.close();
  }

  private RebuildReport rebuild(RebuildOptions options) throws Exception {
    RebuildReport report;
    try (CatalogRebuild rebuild = CatalogRebuild.begin(site.store, options, catalogFile)) {
      report = rebuild.fill();
      rebuild.place();
    }
    CatalogRebuild.takeOver(site.store, options, catalogFile, site.clock);
    return report;
  }

  private TieredStorageManager openRebuilt() throws Exception {
    return TieredStorageManager.open(
        Site.options(fresh.root).build(),
        site.store,
        new DirectorySegments(fresh.root),
        fresh.meters,
        site.clock);
  }

  private static ObjectKey key(SegmentId id, String ending) {
    return new ObjectKey(
        "cluster/" + id.partition().directory() + "/" + id.fileStem() + "." + ending);
  }

  private void put(ObjectKey key, byte[] bytes) throws StoreException {
    ByteBuffer body = ByteBuffer.wrap(bytes);
    site.bucket.put(key, body, Crc32c.of(body), PutOptions.BINARY);
  }

  @Test
  void everySegmentIsReadAgainFromTheBucketAlone() throws Exception {
    RebuildReport report = rebuild(ALONE);

    assertThat(report.segments()).isEqualTo(ids.size());
    assertThat(report.problemCount()).isZero();
    assertThat(report.partitions())
        .extracting(
            RebuiltPartition::partition,
            RebuiltPartition::startOffset,
            RebuiltPartition::nextOffset)
        .containsExactly(
            tuple(new PartitionId("orders", 0), 0L, 400L),
            tuple(new PartitionId("orders", 1), 0L, 400L));
    try (TieredStorageManager tiers = openRebuilt()) {
      for (SegmentId id : ids) {
        assertThat(read(tiers, id)).as("%s", id).isEqualTo(content(id, BYTES));
      }
    }
  }

  @Test
  void rebuiltSegmentsAreNotUploadedAgain() throws Exception {
    rebuild(ALONE);
    site.store.resetRequests();

    try (TieredStorageManager tiers = openRebuilt()) {
      for (SegmentId id : ids) {
        await(tiers.restore(id, "test"));
        assertThat(await(tiers.archive(id, "test")).isArchived()).isTrue();
      }
    }

    assertThat(
            site.store.requests(StoreOperation.PUT)
                + site.store.requests(StoreOperation.CREATE_MULTIPART))
        .isZero();
  }

  @Test
  void rebuiltCatalogHoldsWhatTheLostOneHeld() throws Exception {
    List<SegmentMetadata> before = new ArrayList<>();
    try (TieredStorageManager tiers = site.open()) {
      ids.forEach(id -> before.add(tiers.find(id).orElseThrow()));
    }

    rebuild(ALONE);

    try (TieredStorageManager tiers = openRebuilt()) {
      assertThat(ids.stream().map(id -> tiers.find(id).orElseThrow())).isEqualTo(before);
    }
  }

  @Test
  void whatAHoldKeepsIsKeptBeforeTheStoreAnswersForTheFirstTime() throws Exception {
    // Given a hold of the lost catalog
    try (TieredStorageManager tiers = site.open()) {
      tiers.holds().set(Hold.ofTopic("audit", "orders", "the auditors ask", 5));
    }
    rebuild(ALONE);
    site.store.goDown();

    // When the rebuilt one is asked to delete, and cannot ask what the bucket holds
    try (TieredStorageManager tiers = openRebuilt()) {
      assertThatThrownBy(() -> await(tiers.deletePartition(ids.get(0).partition())))
          .isInstanceOf(HeldException.class);
      await(tiers.deleteBelow(ids.get(0).partition(), 1000));

      // Then
      assertThat(ids)
          .allMatch(id -> tiers.find(id).orElseThrow().state() instanceof SegmentState.RemoteOnly);
    }
    site.store.heal();
  }

  @Test
  void dryRunFindsTheSameWithOneRequestForEachManifestAndWritesNothing() throws Exception {
    site.store.resetRequests();

    RebuildReport report = CatalogRebuild.dryRun(site.store, ALONE);

    assertThat(report.requests()).isEqualTo(ids.size() + 3);
    assertThat(site.store.requests(StoreOperation.LIST)).isEqualTo(1);
    assertThat(site.store.requests(StoreOperation.GET)).isEqualTo(ids.size());
    // The listings of gaps and holds, below .takhin/, are not counted by the store.
    assertThat(site.store.requests().values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(report.requests() - 2);
    assertThat(catalogFile.getParent()).doesNotExist();
    assertThat(rebuild(ALONE)).isEqualTo(report);
  }

  @Test
  void unreadableManifestIsToldAndSkippedAndItsOffsetsAreNotGivenAway() throws Exception {
    SegmentId last = ids.get(SEGMENTS - 1);
    put(key(last, "manifest.json"), "{\"format\":99}".getBytes(StandardCharsets.UTF_8));

    RebuildReport report = rebuild(ALONE);

    assertThat(report.problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.kind()).isEqualTo(RebuildProblem.Kind.UNREADABLE_MANIFEST);
              assertThat(problem.detail()).contains("format: expected 1 to 2, got 99");
            });
    assertThat(report.segments()).isEqualTo(ids.size() - 1);
    assertThat(report.partitions().get(0).nextOffset()).isEqualTo(last.baseOffset() + 1);
  }

  @Test
  void lostLogIsToldAndSkippedAndALostIndexIsTold() throws Exception {
    SegmentId withoutLog = ids.get(SEGMENTS - 1);
    SegmentId withoutIndex = ids.get(0);
    site.bucket.delete(key(withoutLog, "log"));
    site.bucket.delete(key(withoutIndex, "index"));

    RebuildReport report = rebuild(ALONE);

    assertThat(report.problems())
        .extracting(RebuildProblem::kind, RebuildProblem::subject)
        .containsExactly(
            tuple(RebuildProblem.Kind.DAMAGED_INDEX, key(withoutIndex, "index").value()),
            tuple(RebuildProblem.Kind.DAMAGED_LOG, key(withoutLog, "log").value()));
    assertThat(report.partitions().get(0).nextOffset()).isEqualTo(400);
    try (TieredStorageManager tiers = openRebuilt()) {
      assertThat(tiers.find(withoutLog)).isEmpty();
      assertThat(tiers.find(withoutIndex)).isPresent();
    }
  }

  @Test
  void holesAndOverlapsAreTold() throws Exception {
    SegmentId removed = ids.get(1);
    site.bucket.delete(key(removed, "manifest.json"));
    SegmentId overlapping = SegmentId.of("orders", 1, 350);
    try (TieredStorageManager tiers = site.open()) {
      tiers.register(site.write(overlapping, BYTES));
      await(tiers.archive(overlapping, "test"));
    }

    RebuildReport report = rebuild(ALONE);

    assertThat(report.problems())
        .extracting(RebuildProblem::kind, RebuildProblem::detail)
        .containsExactly(
            tuple(RebuildProblem.Kind.HOLE, "no segment holds offsets 100 to 199"),
            tuple(RebuildProblem.Kind.OVERLAP, "begins at 350, and the ones before it end at 400"));
    assertThat(report.uncommittedSegments()).isEqualTo(1);
  }

  @Test
  void deletedSegmentsStayDeletedAndCanStillBeUndeleted() throws Exception {
    PartitionId gone = new PartitionId("orders", 1);
    try (TieredStorageManager tiers =
        site.open(options -> options.deleteDelay(Duration.ofHours(1)), Seams.NONE)) {
      await(tiers.deletePartition(gone));
      Awaitility.await()
          .until(() -> site.keys().stream().filter(key -> key.contains("tombstone")).count() == 4);
    }

    RebuildReport report = rebuild(ALONE);

    assertThat(report.deletedSegments()).isEqualTo(SEGMENTS);
    assertThat(report.segments()).isEqualTo(SEGMENTS);
    assertThat(report.partitions().get(1)).isEqualTo(new RebuiltPartition(gone, 400, 400, 0, 0));
    try (TieredStorageManager tiers = openRebuilt()) {
      SegmentId id = ids.get(SEGMENTS);
      assertThat(tiers.find(id).orElseThrow().state().label()).isEqualTo("deleting");
      await(tiers.deletions().undelete(id, "test"));
      assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
    }
  }

  @Test
  void recordedGapsComeBackAndAreNoHoles() throws Exception {
    SegmentId lost = ids.get(1);
    site.bucket.delete(key(lost, "manifest.json"));
    String record =
        "{\"format\":1,\"writer\":\"takhin\",\"topic\":\"orders\",\"partition\":%d,"
            + "\"fromOffset\":%d,\"toOffset\":%d,\"segments\":1,\"bytes\":3000,"
            + "\"maxTimestampMillis\":-1,\"droppedAtMillis\":1,\"reason\":\"disk full\"}";
    put(
        new ObjectKey("cluster/.takhin/gaps/orders-0/00000000000000000100.json"),
        record.formatted(0, 100, 200).getBytes(StandardCharsets.UTF_8));
    put(
        new ObjectKey("cluster/.takhin/gaps/orders-1/00000000000000000400.json"),
        record.formatted(1, 400, 700).getBytes(StandardCharsets.UTF_8));

    RebuildReport report = rebuild(ALONE);

    assertThat(report.problems()).isEmpty();
    assertThat(report.gaps()).isEqualTo(2);
    assertThat(report.partitions().get(1).nextOffset()).isEqualTo(700);
    try (TieredStorageManager tiers = openRebuilt()) {
      assertThat(tiers.gaps().covering(new PartitionId("orders", 0), 150)).isPresent();
    }
  }

  @Test
  void aCatalogThatIsThereIsNotReplaced() throws Exception {
    rebuild(ALONE);

    assertThatThrownBy(() -> rebuild(ALONE))
        .isInstanceOf(CatalogException.Unwritable.class)
        .hasMessageContaining("exists already");
  }

  @Test
  void aJournalLeftBehindIsNotTakenForThatOfTheNewCatalog() throws Exception {
    Files.createDirectories(catalogFile.getParent());
    Files.writeString(catalogFile.resolveSibling(catalogFile.getFileName() + "-wal"), "old");

    assertThatThrownBy(() -> rebuild(ALONE))
        .isInstanceOf(CatalogException.Unwritable.class)
        .hasMessageContaining("-wal")
        .hasMessageContaining("move it away");
  }

  @Test
  void storeThatGoesDownLeavesNoCatalog() throws Exception {
    site.store.refuse(StoreOperation.GET, "manifest.json");

    assertThatThrownBy(() -> rebuild(ALONE)).isInstanceOf(StoreException.Unavailable.class);

    assertThat(site.store.fired()).isPositive();
    assertThat(Site.files(fresh.root)).isEmpty();
    assertThat(catalogFile).doesNotExist();
    site.store.heal();
    assertThat(rebuild(ALONE).segments()).isEqualTo(ids.size());
  }

  @Test
  void killedRebuildLeavesNoCatalogAndTheNextOneReplacesIt() throws Exception {
    // Given what a killed process leaves: a file that nobody closed or removed
    Path image = root.resolve("image");
    StepObserver copying =
        new StepObserver() {
          @Override
          public void before(DurableStep step, SegmentId id) {
            assertThat(step).isEqualTo(DurableStep.PLACE_CATALOG);
            copyCatalogTo(image);
          }

          @Override
          public void after(DurableStep step, SegmentId id) {}
        };
    try (CatalogRebuild rebuild = CatalogRebuild.begin(site.store, ALONE, catalogFile, copying)) {
      rebuild.fill();
      rebuild.place();
    }
    Path crashed = image.resolve(catalogFile.getFileName());

    // Then no manager begins an empty catalog in its stead
    assertThat(crashed).doesNotExist();
    assertThatThrownBy(() -> SegmentCatalog.open(crashed, site.clock).close())
        .isInstanceOf(CatalogException.Unwritable.class)
        .hasMessageContaining("takhin rebuild");

    // and the next rebuild comes to the end
    catalogFile = crashed;
    assertThat(rebuild(ALONE).segments()).isEqualTo(ids.size());
    try (var catalog = SegmentCatalog.open(crashed, site.clock)) {
      assertThat(catalog.stats().segments()).isEqualTo(ids.size());
    }
  }

  private void copyCatalogTo(Path image) {
    try {
      Files.createDirectories(image);
      try (var files = Files.list(catalogFile.getParent())) {
        for (Path file : files.toList()) {
          Files.copy(file, image.resolve(file.getFileName()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The catalog is lost, the local logs are not: some segments are in both places. */
  @Test
  void localCopiesAreProvedAgainstTheBucketAndNotUploadedAgain() throws Exception {
    SegmentId both = ids.get(SEGMENTS - 1);
    SegmentMetadata local = fresh.write(both, BYTES);

    RebuildReport report = rebuild(ALONE.besideLocalLogs(this::logBytes));

    assertThat(report.localSegments()).isEqualTo(1);
    assertThat(report.segments()).isEqualTo(ids.size() - 1);
    try (TieredStorageManager tiers = openRebuilt()) {
      // as the broker does at its start
      assertThat(tiers.register(local).state().label()).isEqualTo("local");
      site.store.resetRequests();
      assertThat(await(tiers.archive(both, "test")).isArchived()).isTrue();
      assertThat(
              site.store.requests(StoreOperation.PUT)
                  + site.store.requests(StoreOperation.CREATE_MULTIPART))
          .isZero();
      for (SegmentId id : ids) {
        assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
      }
    }
  }

  @Test
  void localCopyThatDiffersIsToldAndKept() throws Exception {
    SegmentId both = ids.get(SEGMENTS - 1);
    SegmentMetadata local = fresh.write(both, BYTES - 1);

    RebuildReport report = rebuild(ALONE.besideLocalLogs(this::logBytes));

    assertThat(report.problems())
        .extracting(RebuildProblem::kind)
        .containsExactly(RebuildProblem.Kind.LOCAL_DIFFERS);
    try (TieredStorageManager tiers = openRebuilt()) {
      tiers.register(local);
      assertThatThrownBy(() -> await(tiers.archive(both, "test")))
          .isInstanceOf(AnotherWriterException.class);
      assertThat(fresh.localLog(both)).hasBinaryContent(content(both, BYTES - 1));
    }
  }

  private OptionalLong logBytes(SegmentId id) {
    try {
      return OptionalLong.of(Files.size(fresh.localLog(id)));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
