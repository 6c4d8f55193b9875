package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.archive.AnotherWriterException;
import io.takhin.tiered.archive.InvalidManifestException;
import io.takhin.tiered.archive.WriterStoppedException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.transfer.ObjectMismatchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * The manifest that ends an archiving: answers to it that are lost, and manifests of others in its
 * place.
 */
final class ArchiveCommitTest extends OneSegment {
  /** Fails the answer to the manifest's creation, which had its effect. */
  private void loseAnswerToCommit(StoreException failure) {
    site.store.inject(
        new Fault() {
          @Override
          public void after(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.PUT && key.endsWith(MANIFEST)) {
              throw failure;
            }
          }
        });
  }

  @Test
  void intentFilesProofManifestAndReceiptComeInThisOrder() throws Exception {
    // Given somebody who notes what becomes durable here, and what the store is asked
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    tiers.close();
    StepObserver notes =
        new StepObserver() {
          @Override
          public void before(DurableStep step, SegmentId segment) {}

          @Override
          public void after(DurableStep step, SegmentId segment) {
            if (step.name().startsWith("RECORD_") && segment.equals(id)) {
              order.add(step.name());
            }
          }
        };
    tiers = site.open(UnaryOperator.identity(), Site.steps(notes));
    site.store.inject(
        new Fault() {
          @Override
          public void after(StoreOperation op, String key) {
            if (!key.contains(".takhin/")) {
              order.add(op + " " + key.substring(key.indexOf('.') + 1));
            }
          }
        });

    assertThat(await(tiers.archive(id, "test")).isArchived()).isTrue();

    // Then each is done before what builds on it; what follows the receipt is the freeing
    assertThat(order)
        .startsWith(
            "HEAD manifest.json",
            "RECORD_INTENT",
            "PUT index",
            "PUT timeindex",
            "PUT log",
            "PUT readindex",
            "HEAD index",
            "HEAD timeindex",
            "HEAD readindex",
            "HEAD log",
            "PUT manifest.json",
            "RECORD_RECEIPT");
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
          public void before(StoreOperation op, String key) throws StoreException {
            if (down) {
              throw new StoreException.Unavailable("injected: down", null);
            }
          }

          @Override
          public void after(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.PUT && key.endsWith(MANIFEST)) {
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
    assertThat(site.store.requests(StoreOperation.PUT)).isZero();
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
    assertThat(site.store.requests()).doesNotContainKeys(StoreOperation.PUT, StoreOperation.DELETE);
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
          .doesNotContainKeys(
              StoreOperation.PUT,
              StoreOperation.PUT_PART,
              StoreOperation.COMPLETE,
              StoreOperation.DELETE);
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
                   "crc32c":"AAAAAA=="}]}\
        """;
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.PUT && key.endsWith(MANIFEST)) {
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
}
