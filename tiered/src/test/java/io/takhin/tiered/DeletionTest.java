package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.Deletions.Deleted;
import io.takhin.tiered.Deletions.Undeletion;
import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.transfer.ObjectMismatchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deleting with a delay, coming back, and a store that does not let go. */
class DeletionTest {
  private static final int BYTES = 2000;
  private static final Duration DELAY = Duration.ofMinutes(30);
  private static final String TOPIC = "orders";

  @TempDir Path temporary;
  private Site site;

  @BeforeEach
  void build() {
    site = new Site(temporary);
  }

  @AfterEach
  void close() throws Exception {
    site.close();
  }

  private TieredStorageManager open() throws Exception {
    TieredStorageManager tiers = site.open(options -> options.deleteDelay(DELAY), Seams.NONE);
    tiers.runPolicy();
    return tiers;
  }

  private static List<Deleted> deleted(TieredStorageManager tiers) {
    return tiers.deletions().list(id -> true, 100);
  }

  private void awaitTombstones(int count) {
    Awaitility.await()
        .until(
            () ->
                site.keys().stream().filter(key -> key.endsWith(".tombstone.json")).count()
                    == count);
  }

  private static boolean isDeleting(TieredStorageManager tiers, SegmentId id) {
    return tiers.find(id).orElseThrow().state() instanceof SegmentState.Deleting;
  }

  @Test
  void objectsOfADeletedPartitionStayForTheDelayAndThenGo() throws Exception {
    // Given
    TieredStorageManager before = open();
    SegmentId id = site.archived(before, 0, BYTES);
    List<String> objects = site.keys();

    // When it is deleted
    await(before.deletePartition(id.partition()));

    // Then it cannot be read, its objects stay, and the bucket says why, also after a restart
    assertThatThrownBy(() -> await(before.open(id, "test")))
        .isInstanceOf(CatalogException.UnknownSegment.class);
    awaitTombstones(1);
    before.close();
    TieredStorageManager after = open();
    site.clock.advance(DELAY.minusMillis(1));
    after.runPolicy();
    assertThat(site.keys()).containsAll(objects);
    Awaitility.await().until(() -> after.stats().unfinished() == 0);
    assertThat(deleted(after))
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.segment().id()).isEqualTo(id);
              assertThat(each.purgeAt()).isEqualTo(each.deletedAt().plus(DELAY));
              assertThat(each.hold()).isEmpty();
              assertThat(each.refusal()).isEmpty();
            });
    assertThat(after.deletions().segments()).isEqualTo(1);
    assertThat(after.deletions().bytes()).isEqualTo(BYTES);

    // When the time has come
    site.clock.advance(Duration.ofMillis(1));
    after.runPolicy();

    // Then nothing is left
    assertThat(site.keys()).isEmpty();
    assertThat(after.find(id)).isEmpty();
    assertThat(after.deletions().segments()).isZero();
    assertThat(after.deletions().bytes()).isZero();
  }

  @Test
  void whatIsUndeletedIsReadAsBeforeAndStays() throws Exception {
    // Given
    TieredStorageManager before = open();
    SegmentId first = site.archived(before, 0, BYTES);
    SegmentId second = site.archived(before, 100, BYTES);
    await(before.deletePartition(first.partition()));
    awaitTombstones(2);
    List<String> told = new ArrayList<>();
    before.deletions().addListener(told::add);

    // When
    Undeletion done = await(before.deletions().undeleteTopic(TOPIC, "test"));

    // Then
    assertThat(done).isEqualTo(new Undeletion(2, 0, List.of()));
    assertThat(told).containsExactly(TOPIC);
    awaitTombstones(0);
    before.close();
    TieredStorageManager after = open();
    site.clock.advance(DELAY.multipliedBy(2));
    after.runPolicy();
    assertThat(deleted(after)).isEmpty();
    for (SegmentId id : List.of(first, second)) {
      assertThat(read(after, id)).isEqualTo(content(id, BYTES));
    }
  }

  @Test
  void aTopicThatCouldNotBeMadeAgainIsToldAndTheUndeletionCanBeRepeated() throws Exception {
    TieredStorageManager tiers = open();
    SegmentId id = site.archived(tiers, 0, BYTES);
    await(tiers.deletePartition(id.partition()));
    List<String> told = new ArrayList<>();
    tiers
        .deletions()
        .addListener(
            topic -> {
              told.add(topic);
              if (told.size() == 1) {
                throw new IllegalStateException("no room");
              }
            });

    assertThatThrownBy(() -> await(tiers.deletions().undeleteTopic(TOPIC, "test")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("topic=orders problem=no room");

    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
    await(tiers.deletions().undeleteTopic(TOPIC, "test"));
    assertThat(told).hasSize(2);
  }

  @Test
  void onlyTheSegmentThatIsAskedForComesBack() throws Exception {
    TieredStorageManager tiers = open();
    SegmentId wanted = site.archived(tiers, 0, BYTES);
    SegmentId other = site.archived(tiers, 100, BYTES);
    await(tiers.deletePartition(wanted.partition()));

    assertThat(await(tiers.deletions().undelete(wanted, "test")).isArchived()).isTrue();

    assertThat(read(tiers, wanted)).isEqualTo(content(wanted, BYTES));
    assertThat(isDeleting(tiers, other)).isTrue();
    assertThatThrownBy(() -> await(tiers.deletions().undelete(SegmentId.of("none", 0, 0), "test")))
        .isInstanceOf(CatalogException.UnknownSegment.class);
  }

  @Test
  void whatIsNotWholeAnyMoreStaysDeleted() throws Exception {
    // Given
    TieredStorageManager tiers = open();
    SegmentId whole = site.archived(tiers, 0, BYTES);
    SegmentId broken = site.archived(tiers, 100, BYTES);
    await(tiers.deletePartition(whole.partition()));
    awaitTombstones(2);
    site.bucket.delete(tiers.find(broken).orElseThrow().objectKey().orElseThrow());

    // When
    Undeletion done = await(tiers.deletions().undeleteTopic(TOPIC, "test"));

    // Then
    assertThat(done.restored()).isEqualTo(1);
    assertThat(done.failed()).isEqualTo(1);
    assertThat(done.problems()).singleElement().asString().contains(broken.path());
    assertThat(isDeleting(tiers, broken)).isTrue();
    assertThatThrownBy(() -> await(tiers.deletions().undelete(broken, "test")))
        .isInstanceOf(ObjectMismatchException.class);
    awaitTombstones(1);
  }

  @Test
  void theTombstoneIsWrittenWhenTheStoreIsBack() throws Exception {
    // Given
    TieredStorageManager tiers = open();
    SegmentId id = site.archived(tiers, 0, BYTES);
    site.store.refuse(StoreOperation.PUT, ".tombstone.json");

    // When
    await(tiers.deletePartition(id.partition()));
    Awaitility.await().until(() -> site.store.fired() > 0);
    assertThat(tiers.stats().unfinished()).isEqualTo(1);
    site.store.heal();
    tiers.runPolicy();

    // Then
    awaitTombstones(1);
    Awaitility.await().until(() -> tiers.stats().unfinished() == 0); // Recorded once it stands.
  }

  @Test
  void aNameIsTakenUntilTheObjectsAreGone() throws Exception {
    TieredStorageManager tiers = open();
    SegmentId id = site.archived(tiers, 0, BYTES);
    assertThat(tiers.deletions().nameTaken(TOPIC)).isEmpty();

    await(tiers.deletePartition(id.partition()));

    assertThat(tiers.deletions().nameTaken(TOPIC).orElseThrow())
        .contains("until " + site.clock.instant().plus(DELAY))
        .contains("takhin undelete --topic orders");
    assertThat(tiers.deletions().nameTaken("other")).isEmpty();
    site.clock.advance(DELAY);
    tiers.runPolicy();
    assertThat(tiers.deletions().nameTaken(TOPIC)).isEmpty();
  }

  /** Object Lock: one object may not be removed. */
  private void retain(String keyPart) {
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.DELETE && key.contains(keyPart)) {
              throw new StoreException.Retained("injected: locked " + key, null);
            }
          }
        });
  }

  @Test
  void anObjectThatTheStoreRetainsStopsNoOtherAndIsAskedForRarely() throws Exception {
    // Given two deleted segments, the older one under Object Lock
    TieredStorageManager tiers = open();
    SegmentId locked = site.archived(tiers, 0, BYTES);
    SegmentId other = site.archived(tiers, 100, BYTES);
    await(tiers.deletePartition(locked.partition()));
    awaitTombstones(2);
    retain("00000000000000000000.");

    // When their time has come, and many times after
    site.clock.advance(DELAY);
    for (int i = 0; i < 20; i++) {
      tiers.runPolicy();
    }

    // Then the other is gone, and the locked one was asked for once and says why it is there
    assertThat(tiers.find(other)).isEmpty();
    assertThat(site.store.fired()).isEqualTo(1);
    assertThat(deleted(tiers))
        .singleElement()
        .satisfies(each -> assertThat(each.refusal().orElseThrow()).contains("injected: locked"));
    assertThat(tiers.deletions().nameTaken(TOPIC).orElseThrow()).contains("injected: locked");
    assertThat(site.count("tiered.storage.remove.operations", "retained")).isEqualTo(1);

    // When the lock has ended and an hour has passed
    site.store.heal();
    site.clock.advance(Duration.ofHours(1));
    tiers.runPolicy();

    // Then it goes too
    assertThat(tiers.find(locked)).isEmpty();
    assertThat(site.keys()).isEmpty();
  }

  @Test
  void aManifestThatCannotBeReadKeepsNoTopicFromBeingDeleted() throws Exception {
    // Given an upload that is broken off because something unreadable came to its manifest's key
    TieredStorageManager tiers = open();
    SegmentId good = site.archived(tiers, 100, BYTES);
    SegmentId stuck = site.sealed(tiers, 0, BYTES);
    ObjectKey manifest = new ObjectKey("cluster/orders-0/" + stuck.fileStem() + ".manifest.json");
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.PUT && key.equals(manifest.value())) {
              ByteBuffer garbage = ByteBuffer.wrap(new byte[] {'{'});
              site.bucket.put(manifest, garbage, Crc32c.of(garbage), PutOptions.BINARY);
              throw new StoreException.Unavailable("injected", null);
            }
          }
        });
    assertThatThrownBy(() -> await(tiers.archive(stuck, "test"))).isInstanceOf(IOException.class);
    assertThat(site.store.fired()).isEqualTo(1);
    site.store.heal();
    assertThat(tiers.find(stuck).orElseThrow().state()).isInstanceOf(SegmentState.Uploading.class);

    // When
    await(tiers.deletePartition(stuck.partition()));

    // Then the topic is deleted, and what nobody can read goes with it: the prefix is ours
    assertThat(tiers.find(stuck)).isEmpty();
    assertThat(isDeleting(tiers, good)).isTrue();
    assertThat(site.bucket.head(manifest)).isEmpty();
  }
}
