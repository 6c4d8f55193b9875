package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.StoreOperation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of a segment, as an embedder sees it. */
final class TieredStorageManagerTest {
  private Site site;

  @BeforeEach
  void open(@TempDir Path root) {
    site = new Site(root);
  }

  @AfterEach
  void close() throws Exception {
    site.close();
  }

  @Test
  void archivedSegmentLeavesTheDiskAndIsReadBackByteForByte() throws Exception {
    // Given a segment of several parts
    TieredStorageManager tiers = site.open();
    int bytes = 12 << 20;
    SegmentId id = site.sealed(tiers, 0, bytes);

    // When it is archived
    SegmentMetadata archived = await(tiers.archive(id, "test"));

    // Then only the bucket has it
    assertThat(archived.isArchived()).isTrue();
    assertThat(Site.files(site.root)).isEmpty();
    assertThat(site.keys())
        .containsExactly(
            "00000000000000000000.index",
            "00000000000000000000.log",
            "00000000000000000000.manifest.json",
            "00000000000000000000.readindex",
            "00000000000000000000.timeindex");
    // and a reader gets every byte
    assertThat(read(tiers, id)).isEqualTo(content(id, bytes));
    assertThat(tiers.find(id).orElseThrow().state().label()).isEqualTo("restored");
  }

  @Test
  void policyMovesSegmentsByAgeAndLeavesARestoredOneAlone() throws Exception {
    // Given a segment that became cold and was archived by the policy
    TieredStorageManager tiers = site.open();
    SegmentId id = site.sealed(tiers, 0, 1000);
    site.clock.advance(Site.COLD);
    tiers.runPolicy();
    assertThat(tiers.find(id).orElseThrow().isArchived()).isTrue();

    // When it is read and the policy runs again
    assertThat(read(tiers, id)).isEqualTo(content(id, 1000));
    site.store.resetRequests();
    tiers.runPolicy();

    // Then it stays, and nothing is uploaded
    assertThat(tiers.find(id).orElseThrow().state().label()).isEqualTo("restored");
    assertThat(site.store.requests())
        .doesNotContainKeys(
            StoreOperation.PUT, StoreOperation.CREATE_MULTIPART, StoreOperation.PUT_PART);

    // When nobody reads it for the cold age
    site.clock.advance(Site.COLD);
    tiers.runPolicy();

    // Then it goes again, still without an upload
    assertThat(tiers.find(id).orElseThrow().isArchived()).isTrue();
    assertThat(site.store.requests())
        .doesNotContainKeys(
            StoreOperation.PUT, StoreOperation.CREATE_MULTIPART, StoreOperation.PUT_PART);
    assertThat(Site.files(site.root)).isEmpty();
  }

  @Test
  void unknownSegmentIsToldFromTheActiveOne() throws Exception {
    TieredStorageManager tiers = site.open();
    SegmentId unknown = SegmentId.of("orders", 0, 7);
    SegmentId active = SegmentId.of("orders", 0, 8);
    site.write(active, 10);

    assertThatThrownBy(() -> await(tiers.archive(unknown, "test")))
        .isInstanceOf(CatalogException.UnknownSegment.class);
    assertThatThrownBy(() -> await(tiers.open(unknown, "test")))
        .isInstanceOf(CatalogException.UnknownSegment.class);
    assertThatThrownBy(() -> await(tiers.archive(active, "test")))
        .isInstanceOf(SegmentBusyException.class)
        .hasMessageContaining("not sealed");
  }

  @Test
  void segmentHeldByAReaderIsArchivedButStays() throws Exception {
    // Given a reader
    TieredStorageManager tiers = site.open();
    SegmentId id = site.sealed(tiers, 0, 1000);
    try (var reader = await(tiers.open(id, "test"))) {
      // When the segment is archived
      SegmentMetadata archived = await(tiers.archive(id, "test"));

      // Then the copy is proved and the files stay
      assertThat(archived.state().label()).isEqualTo("archived");
      assertThat(Files.readAllBytes(reader.files().log())).isEqualTo(content(id, 1000));
      assertThatThrownBy(() -> await(tiers.archive(id, "test")))
          .isInstanceOf(SegmentBusyException.class)
          .hasMessageContaining("reader");
    }
    // and go when the reader has gone
    assertThat(await(tiers.archive(id, "test")).isArchived()).isTrue();
    assertThat(site.localLog(id)).doesNotExist();
  }

  @Test
  void everythingIsKnownAgainAfterARestart() throws Exception {
    // Given one segment in the bucket, one restored, one local
    TieredStorageManager before = site.open();
    SegmentId remote = site.sealed(before, 0, 1000);
    SegmentId restored = site.sealed(before, 100, 1000);
    SegmentId local = site.sealed(before, 200, 1000);
    await(before.archive(remote, "test"));
    await(before.archive(restored, "test"));
    await(before.restore(restored, "test"));
    before.close();

    // When the manager is opened anew
    TieredStorageManager after = site.open();

    // Then each is where it was, and can be read
    assertThat(after.find(remote).orElseThrow().state().label()).isEqualTo("remoteonly");
    assertThat(after.find(restored).orElseThrow().state().label()).isEqualTo("restored");
    assertThat(after.find(local).orElseThrow().state().label()).isEqualTo("local");
    for (SegmentId id : new SegmentId[] {remote, restored, local}) {
      assertThat(read(after, id)).isEqualTo(content(id, 1000));
    }
  }

  @Test
  void siblingsTravelWithTheLog() throws Exception {
    // Given a segment with every kind of file
    TieredStorageManager tiers = site.open();
    SegmentId id = site.sealed(tiers, 0, 1000);
    for (FileKind kind : FileKind.local()) {
      Path file = site.localLog(id).resolveSibling(kind.fileName(id));
      if (!Files.exists(file)) {
        Files.writeString(file, kind.extension());
      }
    }

    // When it goes and comes back
    await(tiers.archive(id, "test"));
    await(tiers.restore(id, "test"));

    // Then all of its files are there
    try (var segment = await(tiers.open(id, "test"))) {
      assertThat(segment.files().paths()).containsOnlyKeys(FileKind.local());
      assertThat(segment.files().path(FileKind.TXNINDEX).orElseThrow()).hasContent("txnindex");
    }
  }

  @Test
  void deletionOfSegmentsThatFailTogetherTellsWhy() throws Exception {
    // Given a catalog whose write of two changes fails as one
    CatalogException full =
        new CatalogException.Unwritable(Path.of("segments.db"), "injected: disk full", null);
    AtomicInteger fired = new AtomicInteger();
    StepObserver failing =
        new StepObserver() {
          @Override
          public void before(DurableStep step, SegmentId id) {
            if (step == DurableStep.RECORD_FORGET) {
              fired.incrementAndGet();
              StepFailure.<RuntimeException>throwUndeclared(full);
            }
          }

          @Override
          public void after(DurableStep step, SegmentId id) {}
        };
    TieredStorageManager tiers = site.open(options -> options, Site.steps(failing));
    SegmentId first = site.sealed(tiers, 0, 1000);
    site.sealed(tiers, 100, 1000);

    // When the partition is deleted, then the failure itself comes back
    assertThatThrownBy(() -> await(tiers.deletePartition(first.partition()))).isSameAs(full);
    assertThat(fired).hasValue(2);
  }

  @Test
  void errorDuringTheOpeningGivesTheCatalogBack() throws Exception {
    // Given a segment whose files went and whose catalog was not told
    SegmentId id;
    try (TieredStorageManager tiers = site.open()) {
      id = site.sealed(tiers, 0, 1000);
      try (var reader = await(tiers.open(id, "test"))) {
        await(tiers.archive(reader.files().id(), "test"));
      }
    }
    Files.delete(site.localLog(id));

    // When the recovery at the start ends with an Error
    assertThatThrownBy(() -> site.open(options -> options, Site.steps(SimulatedCrash.At.moment(0))))
        .isInstanceOf(SimulatedCrash.class);

    // Then the same process can open it again
    assertThat(read(site.open(), id)).isEqualTo(content(id, 1000));
  }
}
