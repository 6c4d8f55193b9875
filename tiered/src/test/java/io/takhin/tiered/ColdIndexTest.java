package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.read.CachedRange;
import io.takhin.tiered.read.DamagedChunkException;
import io.takhin.tiered.read.SegmentIndexes;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreOperation;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Indexes of cold segments, and what proves their chunks. */
@Timeout(600)
final class ColdIndexTest extends ColdReads {
  @Test
  void segmentOfTheManifestFormatBeforeIsProvedByOneReadOfItsLog() throws Exception {
    // Given a segment archived by an earlier release
    SegmentId old = archivedWithoutReadIndex(100);
    site.store.resetRequests();

    // When it is read
    assertThat(read(old, CHUNK, 2 * CHUNK)).isEqualTo(part(old, BYTES, CHUNK, 2 * CHUNK));
    read(old, 5 * CHUNK, CHUNK);

    // Then the object was read once as a whole, and twice in parts
    assertThat(site.store.requests()).isEqualTo(Map.of(StoreOperation.GET, 3));
    try (SegmentIndexes indexes = await(tiers.reader(old).indexes())) {
      assertThat(indexes.bytes(FileKind.INDEX)).isEqualTo(content(old, 80));
      assertThat(indexes.bytes(FileKind.TIMEINDEX)).isEqualTo(content(old, 24));
    }

    // and one that was replaced meanwhile is not mixed with it
    byte[] other = content(old, BYTES);
    other[9 * CHUNK] ^= 1;
    put(key(old, FileKind.LOG), other);
    assertThatThrownBy(() -> read(old, 9 * CHUNK, 10)).isInstanceOf(DamagedChunkException.class);
  }

  @Test
  void damagedLogOfTheManifestFormatBeforeIsNotServed() throws Exception {
    SegmentId old = archivedWithoutReadIndex(100);
    byte[] damaged = content(old, BYTES);
    damaged[9 * CHUNK] ^= 1;
    put(key(old, FileKind.LOG), damaged);

    // Nothing proves any of its chunks
    assertThatThrownBy(() -> read(old, CHUNK, 10)).isInstanceOf(DamagedChunkException.class);
  }

  /** Leaves objects and manifest as format 1 had them, and has a new catalog take them over. */
  private SegmentId archivedWithoutReadIndex(long baseOffset) throws Exception {
    SegmentId old = archived(baseOffset, BYTES);
    ObjectKey manifestKey =
        tiers.find(old).orElseThrow().state().receipt().orElseThrow().manifest();
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    long size = site.bucket.head(manifestKey).orElseThrow().sizeBytes();
    site.bucket.read(manifestKey, 0, size, null, Channels.newChannel(json));
    String text = json.toString(StandardCharsets.UTF_8);
    String older =
        text.replace("\"format\" : 2", "\"format\" : 1")
            .replaceAll("\\{[^{}]*\"kind\" : \"readindex\"[^{}]*\\}, ", "");
    assertThat(older).doesNotContain("readindex").contains("\"format\" : 1");
    tiers.close();
    Files.delete(site.root.resolve(".catalog").resolve("segments.db"));
    put(manifestKey, older.getBytes(StandardCharsets.UTF_8));
    site.bucket.delete(key(old, FileKind.READINDEX));
    tiers = site.open();
    tiers.writer().takeOver(); // A catalog that was made anew is another writer's.
    site.clock.advance(Duration.ofMinutes(5));
    tiers.register(site.write(old, BYTES));
    assertThat(await(tiers.archive(old, "test")).isArchived()).isTrue();
    return old;
  }

  @Test
  void indexesComeWithOneRequestOrNone() throws Exception {
    try (SegmentIndexes indexes = await(tiers.reader(id).indexes())) {
      assertThat(indexes.bytes(FileKind.INDEX)).isEqualTo(content(id, 80));
      assertThat(indexes.bytes(FileKind.TIMEINDEX)).isEqualTo(content(id, 24));
    }
    assertThat(site.store.requests()).isEqualTo(Map.of(StoreOperation.GET, 1));

    reopen(options -> options);
    site.store.resetRequests();
    await(tiers.reader(id).indexes()).close();
    assertThat(site.store.requests(StoreOperation.GET)).isZero();
  }

  @Test
  void searchFindsWhereToReadByOffsetAndByTime() throws Exception {
    // Given indexes as a broker writes them
    SegmentId segment = SegmentId.of("orders", 0, 5000);
    var metadata = site.write(segment, BYTES);
    ByteBuffer index = ByteBuffer.allocate(24);
    index.putInt(10).putInt(4096).putInt(20).putInt(8192).putInt(30).putInt(-1);
    Files.write(
        site.localLog(segment).resolveSibling(FileKind.INDEX.fileName(segment)), index.array());
    ByteBuffer times = ByteBuffer.allocate(24);
    times.putLong(1000).putInt(9).putLong(2000).putInt(19);
    Files.write(
        site.localLog(segment).resolveSibling(FileKind.TIMEINDEX.fileName(segment)), times.array());
    tiers.register(metadata);

    for (String where : List.of("local", "remoteonly")) {
      if (where.equals("remoteonly")) {
        await(tiers.archive(segment, "test"));
      }
      assertThat(tiers.find(segment).orElseThrow().state().label()).isEqualTo(where);
      try (SegmentIndexes indexes = await(tiers.reader(segment).indexes())) {
        assertThat(indexes.positionOf(5000)).isZero();
        assertThat(indexes.positionOf(5009)).isZero();
        assertThat(indexes.positionOf(5010)).isEqualTo(4096);
        assertThat(indexes.positionOf(5029)).isEqualTo(8192);
        assertThat(indexes.positionOf(9999)).isEqualTo(0xFFFF_FFFFL);
        assertThat(indexes.offsetOf(999)).isEqualTo(5000);
        assertThat(indexes.offsetOf(1000)).isEqualTo(5000);
        assertThat(indexes.offsetOf(1001)).isEqualTo(5009);
        assertThat(indexes.offsetOf(5000)).isEqualTo(5019);
      }
    }
  }

  @Test
  void chunksAreFetchedTogetherWithWhatProvesThem() throws Exception {
    // Given a store that keeps the read index to itself
    AtomicInteger held = holdReads(".readindex");

    // When a position is read that nobody had to look up
    CompletableFuture<CachedRange> answer =
        tiers.reader(id).read(FileKind.LOG, 3 * CHUNK + 5, 2 * CHUNK, 2 * CHUNK);

    // Then the data is asked for all the same, and nothing is served without its proof
    Awaitility.await()
        .untilAsserted(() -> assertThat(fetchedBytes()).isGreaterThanOrEqualTo(3 * CHUNK));
    assertThat(answer).isNotDone();
    assertThat(held).hasValue(1);
    gate.countDown();
    try (CachedRange range = await(answer)) {
      assertThat(bytesOf(range)).isEqualTo(part(id, BYTES, 3 * CHUNK + 5, 2 * CHUNK));
    }
    assertThat(site.store.requests()).isEqualTo(Map.of(StoreOperation.GET, 2));
  }

  @Test
  void oneThreadIsEnoughForChunksThatComeBeforeTheirProof() throws Exception {
    reopen(options -> options.readParallelism(1).readAheadBytes(0));

    assertThat(read(id, CHUNK, CHUNK)).isEqualTo(part(id, BYTES, CHUNK, CHUNK));
  }
}
