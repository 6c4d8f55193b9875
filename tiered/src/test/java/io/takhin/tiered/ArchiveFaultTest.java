package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.FaultyStore.Op;
import io.takhin.tiered.archive.AnotherWriterException;
import io.takhin.tiered.archive.InvalidManifestException;
import io.takhin.tiered.archive.WriterStoppedException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.LocalSegments;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentFiles;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.transfer.ObjectMismatchException;
import io.takhin.tiered.transfer.SourceChangedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong while a segment is archived, and that it costs nobody a byte. */
final class ArchiveFaultTest {
  private static final int BYTES = 3000;
  private static final String MANIFEST = "manifest.json";

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

  private String state() {
    return tiers.find(id).orElseThrow().state().label();
  }

  private void requireUntouched() throws Exception {
    assertThat(state()).isEqualTo("local");
    assertThat(site.localLog(id)).hasBinaryContent(content(id, BYTES));
  }

  private static ObjectKey key(String ending) {
    return new ObjectKey("cluster/orders-0/00000000000000000000." + ending);
  }

  private void put(String ending, byte[] bytes) throws StoreException {
    ByteBuffer body = ByteBuffer.wrap(bytes);
    site.bucket.put(key(ending), body, Crc32c.of(body), PutOptions.BINARY);
  }

  /** Fails the answer to the manifest's creation, which had its effect. */
  private void loseAnswerToCommit(StoreException failure) {
    site.store.inject(
        new Fault() {
          @Override
          public void after(Op op, String key) throws StoreException {
            if (op == Op.PUT && key.endsWith(MANIFEST)) {
              throw failure;
            }
          }
        });
  }

  @Test
  void commitWhoseAnswerIsLostIsFoundAndCounts() throws Exception {
    loseAnswerToCommit(new StoreException.Unavailable("injected: timeout", null));

    SegmentMetadata archived = await(tiers.archive(id, "test"));

    assertThat(site.store.fired()).isEqualTo(1);
    assertThat(archived.isArchived()).isTrue();
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
  }

  @Test
  void refusedCommitOfOurOwnManifestIsASuccess() throws Exception {
    // A retry inside an adapter meets what its first try had made.
    loseAnswerToCommit(new StoreException.PreconditionFailed("injected: 412", null));

    assertThat(await(tiers.archive(id, "test")).isArchived()).isTrue();

    assertThat(site.store.fired()).isEqualTo(1);
  }

  @Test
  void unknownCommitIsSettledWhenTheStoreCanBeAskedAgain() throws Exception {
    // Given a commit that succeeded just before the store went away
    site.store.inject(
        new Fault() {
          private volatile boolean down;

          @Override
          public void before(Op op, String key) throws StoreException {
            if (down) {
              throw new StoreException.Unavailable("injected: down", null);
            }
          }

          @Override
          public void after(Op op, String key) throws StoreException {
            if (op == Op.PUT && key.endsWith(MANIFEST)) {
              down = true;
              throw new StoreException.Unavailable("injected: went down", null);
            }
          }
        });
    assertThatThrownBy(() -> await(tiers.archive(id, "test")))
        .isInstanceOf(StoreException.Unavailable.class);
    assertThat(state()).isEqualTo("uploading");
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
    assertThat(tiers.stats().unfinished()).isEqualTo(1);

    // When it is back and a pass runs
    site.store.heal();
    site.store.resetRequests();
    tiers.runPolicy();

    // Then the segment is archived without another upload
    assertThat(tiers.find(id).orElseThrow().state().receipt()).isPresent();
    assertThat(site.store.requests(Op.PUT)).isZero();
  }

  @Test
  void commitThatArrivesAfterItWasGivenUpIsAdopted() throws Exception {
    // Given a manifest of the same bytes, whose objects are gone
    SegmentMetadata archived = archivedAndHeld();
    byte[] manifest = bytes(archived.state().receipt().orElseThrow().manifest());
    await(tiers.deletePartition(id.partition()));
    tiers.runPolicy();
    assertThat(site.keys()).isEmpty();
    put(MANIFEST, manifest);
    tiers.register(site.write(id, BYTES));

    // When the segment is archived
    SegmentMetadata again = await(tiers.archive(id, "test"));

    // Then its objects are there again under that manifest
    assertThat(again.isArchived()).isTrue();
    assertThat(bytes(key(MANIFEST))).isEqualTo(manifest);
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
  }

  @Test
  void indexThatTheBrokerMadeAnewDoesNotMakeTheManifestAnotherWriters() throws Exception {
    // Given a segment that the bucket holds and the catalog does not know to be there
    archivedAndHeld();
    byte[] manifest = bytes(key(MANIFEST));
    forgetAndKeepObjects();
    Files.write(localIndex(), new byte[] {1, 2, 3});
    site.store.resetRequests();

    // When it is archived
    SegmentMetadata again = await(tiers.archive(id, "test"));

    // Then the manifest counts, and nothing was sent
    assertThat(again.isArchived()).isTrue();
    assertThat(bytes(key(MANIFEST))).isEqualTo(manifest);
    assertThat(site.store.requests()).doesNotContainKeys(Op.PUT, Op.DELETE);
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
  }

  @Test
  void lostIndexThatTheBrokerMadeAnewGetsAManifestOfItsOwn() throws Exception {
    // Given a bucket without the index, and another one here
    archivedAndHeld();
    byte[] index = {1, 2, 3};
    Files.write(localIndex(), index);
    site.bucket.delete(key("index"));
    assertThatThrownBy(() -> await(tiers.archive(id, "test")))
        .isInstanceOf(ObjectMismatchException.class);
    requireUntouched();

    // When it is archived again
    SegmentMetadata again = await(tiers.archive(id, "test"));

    // Then the bucket holds the files that are described
    assertThat(again.isArchived()).isTrue();
    assertThat(bytes(key("index"))).isEqualTo(index);
    assertThat(site.keys()).hasSize(5);
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
  }

  private Path localIndex() {
    return site.localLog(id).resolveSibling("00000000000000000000.index");
  }

  /** As a catalog does that was lost. */
  private void forgetAndKeepObjects() throws Exception {
    tiers.close();
    try (Stream<Path> files = Files.walk(site.root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (site.root.relativize(file).toString().startsWith(".catalog")) {
          Files.delete(file);
        }
      }
    }
    tiers = site.open();
    tiers.writer().takeOver(); // A catalog that was made anew is another writer's.
    site.clock.advance(Duration.ofMinutes(5));
    tiers.register(
        SegmentMetadata.sealed(id, 100, site.clock.millis(), BYTES, site.clock.millis()));
  }

  @Test
  void storeThatHangsBeforeTheFilesGoKeepsNoReaderFromThem() throws Exception {
    // Given a proved segment, and a store that does not answer when it is asked again
    archivedAndHeld();
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    site.store.inject(
        new Fault() {
          @Override
          public void before(Op op, String key) throws StoreException {
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

  /** Archived, with the local files still here. */
  private SegmentMetadata archivedAndHeld() throws Exception {
    try (var reader = await(tiers.open(id, "test"))) {
      SegmentMetadata archived = await(tiers.archive(reader.files().id(), "test"));
      assertThat(archived.state().label()).isEqualTo("archived");
      return archived;
    }
  }

  private byte[] bytes(ObjectKey key) throws Exception {
    var object = site.bucket.head(key).orElseThrow();
    var bytes = new ByteArrayOutputStream();
    site.bucket.read(key, 0, object.sizeBytes(), null, Channels.newChannel(bytes));
    return bytes.toByteArray();
  }

  @Test
  void anotherWritersSegmentIsNeitherOverwrittenNorTrusted() throws Exception {
    // Given another cluster's segment of the same name and size
    archivedAndHeld();
    Site other = new Site(site.root.resolve("other"));
    try (other;
        TieredStorageManager theirs =
            TieredStorageManager.open(
                Site.options(other.root).build(),
                site.store,
                new DirectorySegments(other.root),
                other.meters,
                site.clock)) {
      SegmentMetadata mine = other.write(id, BYTES);
      Files.write(other.localLog(id), new byte[BYTES]);
      theirs.register(mine);
      site.store.resetRequests();

      // When ours is archived into the same prefix, by mistake and then by order
      assertThatThrownBy(() -> await(theirs.archive(id, "test")))
          .isInstanceOf(WriterStoppedException.class)
          .hasMessageContaining("another writer has this prefix");
      theirs.writer().takeOver();
      assertThatThrownBy(() -> await(theirs.archive(id, "test")))
          .isInstanceOf(AnotherWriterException.class)
          .hasMessageContaining("another writer")
          .hasMessageContaining(key(MANIFEST).value());

      // Then nothing was sent, nothing removed, and nothing freed
      assertThat(site.store.requests())
          .doesNotContainKeys(Op.PUT, Op.PUT_PART, Op.COMPLETE, Op.DELETE);
      assertThat(other.localLog(id)).hasBinaryContent(new byte[BYTES]);
      assertThat(theirs.find(id).orElseThrow().state().label()).isEqualTo("local");
    }
    tiers.writer().takeOver();
    site.clock.advance(Duration.ofMinutes(5));
    assertThat(await(tiers.archive(id, "test")).isArchived()).isTrue();
  }

  @Test
  void anotherWriterWhoCommitsMeanwhileIsNoticed() throws Exception {
    // Given somebody whose manifest appears just before ours
    String theirs =
        """
        {"format":1,"writer":"x","attempt":"theirs","createdAtMillis":1,"topic":"orders",
         "partition":0,"baseOffset":0,"endOffset":9,"maxTimestampMillis":1,"lastModifiedMillis":1,
         "files":[{"kind":"log","name":"00000000000000000000.log","sizeBytes":1,
                   "crc32c":"AAAAAA=="}]}""";
    site.store.inject(
        new Fault() {
          @Override
          public void before(Op op, String key) throws StoreException {
            if (op == Op.PUT && key.endsWith(MANIFEST)) {
              put(MANIFEST, theirs.getBytes(StandardCharsets.UTF_8));
            }
          }
        });

    assertThatThrownBy(() -> await(tiers.archive(id, "test")))
        .isInstanceOf(AnotherWriterException.class);

    requireUntouched();
    assertThat(site.count("tiered.storage.archive.operations", "another_writer")).isEqualTo(1);
  }

  @Test
  void unreadableManifestStopsTheArchivingAndNamesIt() throws Exception {
    put(MANIFEST, "no json".getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> await(tiers.archive(id, "test")))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining(key(MANIFEST).value());

    requireUntouched();
  }

  @Test
  void manifestThatBrokeOnItsWayIsNotTakenForAnUnreadableOne() throws Exception {
    // Given a manifest that stands, and a store whose bodies come short
    archivedAndHeld();
    forgetAndKeepObjects();
    site.store.inject(
        new Fault() {
          @Override
          public WritableByteChannel target(String key, WritableByteChannel target) {
            return new ShortChannel(target);
          }
        });

    // When the segment is archived, then nothing is said of the manifest, and nothing done to it
    assertThatThrownBy(() -> await(tiers.archive(id, "test")))
        .isInstanceOf(StoreException.Corrupt.class)
        .hasMessageContaining(key(MANIFEST).value());
    site.store.heal();
    assertThat(await(tiers.archive(id, "test")).isArchived()).isTrue();
  }

  /** Loses the last byte of everything written. */
  private record ShortChannel(WritableByteChannel target) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) throws IOException {
      int length = bytes.remaining();
      bytes.limit(bytes.limit() - 1);
      target.write(bytes);
      bytes.limit(bytes.limit() + 1).position(bytes.limit());
      return length;
    }

    @Override
    public boolean isOpen() {
      return target.isOpen();
    }

    @Override
    public void close() throws IOException {
      target.close();
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
      value = Op.class,
      names = {"PUT", "HEAD"})
  void failedAttemptLeavesNoObjectsAndCanBeRepeated(Op op) throws Exception {
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
    site.store.refuse(Op.PUT_PART, ".log");

    assertThatThrownBy(() -> await(tiers.archive(large, "test")))
        .isInstanceOf(StoreException.Unavailable.class);

    assertThat(site.store.fired()).isPositive();
    assertThat(site.store.requests(Op.ABORT)).isPositive();
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
          public void before(Op op, String key) throws StoreException {
            down |= op == Op.PUT_PART;
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
          public void before(Op op, String key) {
            if (op == Op.PUT && key.endsWith(".log")) {
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
    assertThat(site.store.requests(Op.PUT)).isEqualTo(5);
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
