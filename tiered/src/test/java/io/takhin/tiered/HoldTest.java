package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.archive.HeldException;
import io.takhin.tiered.archive.Hold;
import io.takhin.tiered.archive.HoldConflictException;
import io.takhin.tiered.archive.Holds;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a hold covers stays, whoever asks for its removal. */
class HoldTest {
  private static final int BYTES = 2000;
  private static final Duration DELAY = Duration.ofMinutes(30);
  private static final String KEY = "cluster/.takhin/holds/audit.json";
  private static final PartitionId PARTITION = new PartitionId("orders", 0);

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

  private static Hold onTopic() {
    return Hold.ofTopic("audit", "orders", "the auditors ask", 5);
  }

  private static Hold onOffsets(long from, long to) {
    return new Hold(
        "audit",
        "orders",
        OptionalInt.of(0),
        OptionalLong.of(from),
        OptionalLong.of(to),
        "the auditors ask",
        5);
  }

  @Test
  void aPartitionOfWhichAnythingIsHeldIsNotDeletedAtAll() throws Exception {
    // Given
    TieredStorageManager tiers = open();
    SegmentId free = site.archived(tiers, 0, BYTES);
    SegmentId held = site.archived(tiers, 100, BYTES);
    SegmentId local = site.sealed(tiers, 200, BYTES);
    tiers.holds().set(onOffsets(150, 151));

    // When
    assertThatThrownBy(() -> await(tiers.deletePartition(PARTITION)))
        .isInstanceOf(HeldException.class)
        .hasMessageContaining(held.path())
        .hasMessageContaining("hold=audit reason=\"the auditors ask\"")
        .hasMessageContaining("takhin holds release audit");

    // Then
    for (SegmentId id : new SegmentId[] {free, held, local}) {
      assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
    }
  }

  @Test
  void aLogStartThatMovesLeavesHeldSegments() throws Exception {
    // Given
    TieredStorageManager tiers = open();
    SegmentId free = site.archived(tiers, 0, BYTES);
    SegmentId held = site.archived(tiers, 100, BYTES);
    tiers.holds().set(onOffsets(199, 200));
    assertThat(tiers.holds().firstHeldOffset(PARTITION, 0)).hasValue(199);
    assertThat(tiers.holds().firstHeldOffset(PARTITION, 200)).isEmpty();

    // When an embedder moves it beyond all the same
    await(tiers.deleteBelow(PARTITION, 1000));

    // Then
    assertThat(tiers.find(free).orElseThrow().state()).isInstanceOf(SegmentState.Deleting.class);
    assertThat(read(tiers, held)).isEqualTo(content(held, BYTES));
  }

  @Test
  void whatIsDeletedAlreadyIsNotRemovedWhileItIsHeld() throws Exception {
    // Given a deleted segment, and a hold that comes before its objects go
    TieredStorageManager before = open();
    SegmentId id = site.archived(before, 0, BYTES);
    await(before.deletePartition(PARTITION));
    assertThat(before.holds().set(onTopic()).tooLate()).isEmpty();

    // When its time has come, also after a restart
    site.clock.advance(DELAY);
    before.runPolicy();
    before.close();
    TieredStorageManager tiers = open();
    tiers.runPolicy();

    // Then it is still there and can be brought back
    assertThat(tiers.deletions().list(any -> true, 10))
        .singleElement()
        .satisfies(each -> assertThat(each.hold()).contains(onTopic()));
    assertThat(tiers.deletions().nameTaken("orders").orElseThrow()).contains("hold audit");
    await(tiers.deletions().undelete(id, "test"));
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));

    // When it is released, and deleted again
    assertThat(tiers.holds().release("audit")).isTrue();
    await(tiers.deletePartition(PARTITION));
    site.clock.advance(DELAY);
    tiers.runPolicy();

    // Then nothing is left, of the hold neither
    assertThat(site.keys()).isEmpty();
    assertThat(tiers.holds().release("audit")).isFalse();
  }

  @Test
  void localFilesOfWhatIsHeldAndProvedAreFreed() throws Exception {
    TieredStorageManager tiers = open();
    tiers.holds().set(onTopic());

    SegmentId id = site.archived(tiers, 0, BYTES);

    assertThat(site.localLog(id)).doesNotExist();
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
  }

  @Test
  void aHoldSurvivesTheLossOfTheCatalog() throws Exception {
    // Given
    TieredStorageManager before = open();
    before.holds().set(onTopic());
    before.close();
    Files.delete(site.root.resolve(".catalog/segments.db"));

    // When
    TieredStorageManager after = open();

    // Then
    assertThat(after.holds().find("audit")).contains(onTopic());
  }

  @Test
  void aHoldThatTheStoreTookAndDoesNotHaveIsNoHold() throws Exception {
    // Given a store that acknowledges the hold and drops it
    TieredStorageManager tiers = open();
    site.store.inject(
        new Fault() {
          @Override
          public void after(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.PUT && key.equals(KEY)) {
              site.bucket.delete(new ObjectKey(KEY));
            }
          }
        });

    // Then whoever sets it is not told that it is in force
    assertThatThrownBy(() -> tiers.holds().set(onTopic()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("object missing: key=" + KEY);
    assertThat(tiers.holds().all()).isEmpty();
    site.store.heal();
    assertThat(tiers.holds().set(onTopic()).hold()).isEqualTo(onTopic());
    assertThat(object()).isNotEmpty();
  }

  @Test
  void aHoldThatTheBucketLostIsWrittenThereAgain() throws Exception {
    // Given
    TieredStorageManager before = open();
    before.holds().set(onTopic());
    before.close();
    site.bucket.delete(new ObjectKey(KEY));

    // When
    TieredStorageManager after = open();

    // Then
    assertThat(after.holds().find("audit")).contains(onTopic());
    assertThat(Holds.parse(new ObjectKey(KEY), object())).isEqualTo(onTopic());
  }

  private byte[] object() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ObjectKey key = new ObjectKey(KEY);
    long size = site.bucket.head(key).orElseThrow().sizeBytes();
    site.bucket.read(key, 0, size, null, Channels.newChannel(bytes));
    return bytes.toByteArray();
  }

  @Test
  void nothingIsRemovedBeforeTheHoldsInTheBucketAreKnown() throws Exception {
    // Given a hold that only the bucket knows, and a segment that was to go
    TieredStorageManager before = open();
    SegmentId id = site.archived(before, 0, BYTES);
    before.holds().set(onTopic());
    byte[] hold = object();
    before.holds().release("audit");
    await(before.deletePartition(PARTITION));
    before.close();
    site.bucket.put(
        new ObjectKey(KEY),
        ByteBuffer.wrap(hold),
        Crc32c.of(ByteBuffer.wrap(hold)),
        PutOptions.BINARY);
    site.store.refuse(StoreOperation.LIST, ".takhin/");
    site.clock.advance(DELAY);

    // When the bucket cannot be listed
    TieredStorageManager after = open();

    // Then nothing goes, and later neither, because it is held
    assertThat(site.store.fired()).isPositive();
    assertThat(after.find(id)).isPresent();
    site.store.heal();
    after.runPolicy();
    assertThat(after.find(id)).isPresent();
    assertThat(after.holds().find("audit")).isPresent();
  }

  @Test
  void settingTheSameAgainChangesNothingAndAnotherOfTheNameIsRefused() throws Exception {
    TieredStorageManager tiers = open();
    tiers.holds().set(onTopic());

    Hold again = Hold.ofTopic("audit", "orders", "the auditors ask", 99);
    assertThat(tiers.holds().set(again).hold()).isEqualTo(onTopic());

    assertThatThrownBy(() -> tiers.holds().set(onOffsets(0, 1)))
        .isInstanceOf(HoldConflictException.class)
        .hasMessageContaining("release it first");
    assertThat(tiers.holds().all()).containsExactly(onTopic());
  }

  @Test
  void aHoldWhoseWriteWentUnansweredIsInForce() throws Exception {
    // Given a store whose answer is lost
    TieredStorageManager tiers = open();
    site.store.inject(
        new Fault() {
          @Override
          public void after(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.PUT && key.equals(KEY)) {
              throw new StoreException.Unavailable("injected: no answer", null);
            }
          }
        });

    // When
    tiers.holds().set(onTopic());

    // Then
    assertThat(site.store.fired()).isEqualTo(1);
    assertThat(tiers.holds().all()).containsExactly(onTopic());
  }

  @Test
  void aHoldThatCouldNotBeReleasedInTheBucketIsStillInForce() throws Exception {
    TieredStorageManager tiers = open();
    SegmentId id = site.archived(tiers, 0, BYTES);
    SegmentMetadata segment = tiers.find(id).orElseThrow();
    tiers.holds().set(onTopic());
    site.store.refuse(StoreOperation.DELETE, KEY);

    assertThatThrownBy(() -> tiers.holds().release("audit")).isInstanceOf(IOException.class);

    assertThat(site.store.fired()).isEqualTo(1);
    assertThat(tiers.holds().covers(segment)).isTrue();
    site.store.heal();
    assertThat(tiers.holds().release("audit")).isTrue();
    assertThat(tiers.holds().covers(segment)).isFalse();
  }

  @Test
  void holdsThatMakeNoSenseAreRefusedWithTheValue() {
    assertThatThrownBy(() -> Hold.ofTopic("../x", "orders", "r", 0)).hasMessageContaining("../x");
    assertThatThrownBy(() -> Hold.ofTopic("x", "a/b", "r", 0)).hasMessageContaining("a/b");
    assertThatThrownBy(() -> Hold.ofTopic("x", "orders", " ", 0)).hasMessageContaining("reason");
    assertThatThrownBy(() -> onOffsets(7, 7)).hasMessageContaining("from_offset=7");
    assertThatThrownBy(
            () ->
                new Hold(
                    "x",
                    "orders",
                    OptionalInt.empty(),
                    OptionalLong.of(1),
                    OptionalLong.empty(),
                    "r",
                    0))
        .hasMessageContaining("offsets need a partition");
  }

  @Test
  void whatIsNotAHoldInTheBucketIsNamedByItsKey() {
    for (String text :
        new String[] {
          "",
          "{",
          "{\"format\":2}",
          "{\"format\":1,\"name\":\"audit\"}",
          "{\"format\":1,\"name\":\"other\",\"topic\":\"t\",\"reason\":\"r\",\"createdAtMillis\":1}",
          "{\"format\":1,\"name\":\"audit\",\"topic\":\"t\",\"partition\":\"x\",\"reason\":\"r\"}"
        }) {
      assertThatThrownBy(
              () -> Holds.parse(new ObjectKey(KEY), text.getBytes(StandardCharsets.UTF_8)))
          .as(text)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(KEY);
    }
  }
}
