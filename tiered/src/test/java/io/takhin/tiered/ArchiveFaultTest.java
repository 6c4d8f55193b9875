package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.LocalSegments;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentFiles;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.transfer.ObjectMismatchException;
import io.takhin.tiered.transfer.SourceChangedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong while a segment is archived, and that it costs nobody a byte. */
final class ArchiveFaultTest extends OneSegment {
  @Test
  void storeThatHangsBeforeTheFilesGoKeepsNoReaderFromThem() throws Exception {
    // Given a proved segment, and a store that does not answer when it is asked again
    archivedAndHeld();
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            asked.countDown();
            try {
              answer.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        });
    CompletableFuture<SegmentMetadata> reclaim = tiers.archive(id, "test");
    asked.await();

    // When somebody reads
    try (var reader = tiers.open(id, "test").getNow(null)) {

      // Then the files are there, and stay
      assertThat(reader).isNotNull();
      answer.countDown();
      assertThatThrownBy(() -> await(reclaim)).isInstanceOf(SegmentBusyException.class);
      assertThat(reader.files().log()).hasBinaryContent(content(id, BYTES));
    } finally {
      answer.countDown();
    }
  }

  @Test
  void storeThatConfirmedAndLostIsFoundBeforeTheLocalFilesGo() throws Exception {
    // Given a proved copy, lost since
    archivedAndHeld();
    site.bucket.delete(key("log"));

    // When the local files are to be freed
    assertThatThrownBy(() -> await(tiers.archive(id, "test")))
        .isInstanceOf(ObjectMismatchException.class)
        .hasMessageContaining(key("log").value());

    // Then they stay, and are uploaded again
    requireUntouched();
    assertThat(site.count("tiered.storage.reclaim.operations", "mismatch")).isEqualTo(1);
    assertThat(await(tiers.archive(id, "test")).isArchived()).isTrue();
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
  }

  @Test
  void storeThatAlteredTheCopyIsFoundBeforeTheLocalFilesGo() throws Exception {
    archivedAndHeld();
    put("log", new byte[BYTES]);

    assertThatThrownBy(() -> await(tiers.archive(id, "test")))
        .isInstanceOf(ObjectMismatchException.class)
        .hasMessageContaining("checksum mismatch")
        .hasMessageContaining("expected=")
        .hasMessageContaining("got=");

    requireUntouched();
    assertThat(await(tiers.archive(id, "test")).isArchived()).isTrue();
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
  }

  @Test
  void lostManifestIsFoundBeforeTheLocalFilesGo() throws Exception {
    archivedAndHeld();
    site.bucket.delete(key(MANIFEST));

    assertThatThrownBy(() -> await(tiers.archive(id, "test")))
        .isInstanceOf(ObjectMismatchException.class)
        .hasMessageContaining("manifest missing");

    requireUntouched();
  }

  @Test
  void restoredCopyIsUploadedAgainWhenTheBucketLostItsOwn() throws Exception {
    // Given a restored segment whose object is lost: the restored files are the only copy
    await(tiers.archive(id, "test"));
    await(tiers.restore(id, "test"));
    site.bucket.delete(key("log"));
    assertThatThrownBy(() -> await(tiers.archive(id, "test")))
        .isInstanceOf(ObjectMismatchException.class);
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));

    // When it is archived once more
    assertThat(await(tiers.archive(id, "test")).isArchived()).isTrue();

    // Then the bucket has it again, and nothing of it is local
    assertThat(Site.files(site.root)).isEmpty();
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
  }

  @Test
  void lossIsAlsoFoundAfterARestart() throws Exception {
    await(tiers.archive(id, "test"));
    await(tiers.restore(id, "test"));
    site.bucket.delete(key("log"));
    assertThatThrownBy(() -> await(tiers.archive(id, "test")))
        .isInstanceOf(ObjectMismatchException.class);

    // The only copy lies among the restored files and must survive their sweep.
    tiers.close();
    tiers = site.open();

    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
  }

  @ParameterizedTest
  @EnumSource(
      value = StoreOperation.class,
      names = {"PUT", "HEAD"})
  void failedAttemptLeavesNoObjectsAndCanBeRepeated(StoreOperation op) throws Exception {
    // The first file passes, the next fails.
    site.store.refuse(op, ".log");
    assertThatThrownBy(() -> await(tiers.archive(id, "test")))
        .isInstanceOf(StoreException.Unavailable.class);
    assertThat(site.store.fired()).isPositive();
    requireUntouched();
    assertThat(site.keys()).isEmpty();

    site.store.heal();

    assertThat(await(tiers.archive(id, "test")).isArchived()).isTrue();
    assertThat(site.count("tiered.storage.archive.operations", "failure")).isEqualTo(1);
    assertThat(site.count("tiered.storage.archive.operations", "success")).isEqualTo(1);
  }

  @Test
  void failedPartIsAbortedAndNoUploadStaysPending() throws Exception {
    SegmentId large = site.sealed(tiers, 100, 12 << 20);
    site.store.refuse(StoreOperation.PUT_PART, ".log");

    assertThatThrownBy(() -> await(tiers.archive(large, "test")))
        .isInstanceOf(StoreException.Unavailable.class);

    assertThat(site.store.fired()).isPositive();
    assertThat(site.store.requests(StoreOperation.ABORT)).isPositive();
    assertThat(site.bucket.pendingUploads("")).isEmpty();
    assertThat(site.keys()).isEmpty();
  }

  @Test
  void abortThatFailsTooIsMadeUpForLater() throws Exception {
    // Given a store that goes away in the middle of an upload
    SegmentId large = site.sealed(tiers, 100, 12 << 20);
    site.store.inject(
        new Fault() {
          private volatile boolean down;

          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            down |= op == StoreOperation.PUT_PART;
            if (down) {
              throw new StoreException.Unavailable("injected: down", null);
            }
          }
        });
    assertThatThrownBy(() -> await(tiers.archive(large, "test")))
        .isInstanceOf(StoreException.Unavailable.class);
    assertThat(site.bucket.pendingUploads("")).hasSize(1);
    assertThat(read(tiers, large)).hasSize(12 << 20);

    // When it is back
    site.store.heal();
    tiers.runPolicy();

    // Then nothing of the attempt is left
    assertThat(site.bucket.pendingUploads("")).isEmpty();
    assertThat(site.keys()).isEmpty();
    assertThat(tiers.find(large).orElseThrow().state().label()).isEqualTo("local");
  }

  @Test
  void logThatIsNotTheOneRegisteredIsRefused() throws Exception {
    Files.write(site.localLog(id), new byte[] {1}, StandardOpenOption.APPEND);

    assertThatThrownBy(() -> await(tiers.archive(id, "test")))
        .isInstanceOf(SourceChangedException.class)
        .hasMessageContaining("registered_bytes=3000 actual_bytes=3001");

    assertThat(site.keys()).isEmpty();
    assertThat(state()).isEqualTo("local");
  }

  @Test
  void logThatChangesDuringTheUploadIsNotCommitted() throws Exception {
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) {
            if (op == StoreOperation.PUT && key.endsWith(".log")) {
              try {
                Files.write(site.localLog(id), new byte[] {1}, StandardOpenOption.APPEND);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
          }
        });

    assertThatThrownBy(() -> await(tiers.archive(id, "test")))
        .isInstanceOf(SourceChangedException.class);

    assertThat(state()).isEqualTo("local");
    assertThat(site.keys()).isEmpty();
  }

  @Test
  void minimumResidencyKeepsTheLocalFiles() throws Exception {
    tiers.close();
    tiers = site.open(options -> options.minResidency(Duration.ofMinutes(10)), Seams.NONE);
    assertThat(await(tiers.archive(id, "test")).state().label()).isEqualTo("archived");
    assertThatThrownBy(() -> await(tiers.archive(id, "test")))
        .isInstanceOf(SegmentBusyException.class)
        .hasMessageContaining("2026-03-01T00:10:00Z");

    site.clock.advance(Duration.ofMinutes(10));

    assertThat(await(tiers.archive(id, "test")).isArchived()).isTrue();
  }

  @Test
  void callersWhoAskForTheSameSegmentShareOneUpload() throws Exception {
    List<CompletableFuture<SegmentMetadata>> callers =
        List.of(tiers.archive(id, "a"), tiers.archive(id, "b"), tiers.archive(id, "c"));

    for (CompletableFuture<SegmentMetadata> caller : callers) {
      assertThat(await(caller).isArchived()).isTrue();
    }

    // three files, the read index and the manifest
    assertThat(site.store.requests(StoreOperation.PUT)).isEqualTo(5);
  }

  @Test
  void oneBadSegmentStopsNoOther() throws Exception {
    SegmentId bad = site.sealed(tiers, 100, BYTES);
    SegmentId good = site.sealed(tiers, 200, BYTES);
    Files.delete(site.localLog(bad));
    site.clock.advance(Site.COLD);

    var run = tiers.runPolicy();

    assertThat(run.archived()).isEqualTo(2);
    assertThat(run.failed()).isEqualTo(1);
    assertThat(tiers.find(good).orElseThrow().isArchived()).isTrue();
  }

  @Test
  void segmentThatHadToWaitForAnOlderOneLeavesRightAfterIt() throws Exception {
    SegmentId younger = site.sealed(tiers, 100, 1_000);
    tiers.close();
    var directory = new DirectorySegments(site.root);
    tiers =
        site.open(
            site.options().build(),
            new LocalSegments() {
              @Override
              public SegmentFiles locate(SegmentId segment) throws IOException {
                return directory.locate(segment);
              }

              @Override
              public boolean free(SegmentId segment) throws IOException {
                boolean oldest = segment.equals(id) || Files.notExists(site.localLog(id));
                return oldest && directory.free(segment);
              }
            },
            Seams.NONE);
    SegmentMetadata waiting = await(tiers.archive(younger, "test"));
    assertThat(waiting.state().label()).isEqualTo("archived");

    await(tiers.archive(id, "test"));

    Awaitility.await()
        .untilAsserted(() -> assertThat(tiers.find(younger).orElseThrow().isArchived()).isTrue());
    assertThat(site.localLog(younger)).doesNotExist();
  }

  @Test
  void logThatDoesNotLetGoKeepsItsFiles() throws Exception {
    tiers.close();
    var directory = new DirectorySegments(site.root);
    tiers =
        site.open(
            site.options().build(),
            new LocalSegments() {
              @Override
              public SegmentFiles locate(SegmentId segment) throws IOException {
                return directory.locate(segment);
              }

              @Override
              public boolean free(SegmentId segment) {
                return false;
              }
            },
            Seams.NONE);

    SegmentMetadata archived = await(tiers.archive(id, "test"));

    assertThat(archived.state().label()).isEqualTo("archived");
    assertThat(site.localLog(id)).exists();
  }
}
