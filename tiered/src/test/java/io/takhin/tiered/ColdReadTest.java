package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.read.CachedRange;
import io.takhin.tiered.read.ReadCosts;
import io.takhin.tiered.read.ReadStats;
import io.takhin.tiered.read.SegmentReader;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.StoreOperation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a read of a segment gives and costs that only the bucket has. */
@Timeout(600)
final class ColdReadTest extends ColdReads {
  @Test
  void firstReadOfAColdSegmentCostsOneSmallRequestAndOneOfData() throws Exception {
    byte[] got = read(id, 5 * CHUNK + 77, 2 * CHUNK);

    assertThat(got).isEqualTo(part(id, BYTES, 5 * CHUNK + 77, 2 * CHUNK));
    assertThat(site.store.requests()).isEqualTo(java.util.Map.of(StoreOperation.GET, 2));
    assertThat(tiers.find(id).orElseThrow().isArchived()).isTrue();

    // and reading it again costs nothing
    assertThat(read(id, 5 * CHUNK + 77, 2 * CHUNK)).isEqualTo(got);
    assertThat(site.store.requests(StoreOperation.GET)).isEqualTo(2);
  }

  @Test
  void answerComesWithTheLeastThatIsAskedForAndEndsWithTheFile() throws Exception {
    SegmentReader reader = tiers.reader(id);

    try (CachedRange range = await(reader.read(FileKind.LOG, BYTES - 500, 500, MIB))) {
      assertThat(range.lengthBytes()).isEqualTo(500);
      assertThat(range.positionBytes()).isEqualTo(BYTES - 500);
    }
    try (CachedRange range = await(reader.read(FileKind.LOG, BYTES, 10, MIB))) {
      assertThat(range.lengthBytes()).isZero();
    }
    try (CachedRange range = await(reader.read(FileKind.LOG, 0, 1, 3 * CHUNK))) {
      assertThat(range.lengthBytes()).isBetween(CHUNK, 3 * CHUNK);
    }
    assertThatThrownBy(() -> await(reader.read(FileKind.LOG, BYTES + 1, 1, 1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("beyond the end")
        .hasMessageContaining("size=" + BYTES);
    assertThatThrownBy(() -> await(reader.read(FileKind.TXNINDEX, 0, 1, 1)))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> reader.read(FileKind.LOG, 0, 2, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void unknownSegmentIsToldToTheReader() {
    assertThatThrownBy(
            () -> await(tiers.reader(SegmentId.of("orders", 0, 900)).read(FileKind.LOG, 0, 1, 1)))
        .isInstanceOf(CatalogException.UnknownSegment.class);
  }

  @Test
  void rangeCanBeSentPieceByPiece() throws Exception {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    WritableByteChannel target = Channels.newChannel(sent);

    try (CachedRange range =
        await(tiers.reader(id).read(FileKind.LOG, 100, BYTES - 100, BYTES - 100))) {
      long at = 0;
      while (at < range.lengthBytes()) {
        at += range.transferTo((int) at, 70_000, target);
      }
    }

    assertThat(sent.toByteArray()).isEqualTo(part(id, BYTES, 100, BYTES - 100));
  }

  @Test
  void localSegmentIsReadWhereItIsAndLeased() throws Exception {
    SegmentId local = site.sealed(tiers, 100, 5000);

    try (CachedRange range = await(tiers.reader(local).read(FileKind.LOG, 10, 1, 4000))) {
      assertThat(bytesOf(range)).isEqualTo(part(local, 5000, 10, 4000));
      await(tiers.archive(local, "test"));
      assertThat(tiers.find(local).orElseThrow().state().label()).isEqualTo("archived");
    }

    assertThat(await(tiers.archive(local, "test")).isArchived()).isTrue();
  }

  @Test
  void hundredReadersOfOneColdSegmentFetchEachChunkOnce() throws Exception {
    // Given readers who all come before the first byte
    AtomicInteger logReads = holdReads(".log");
    List<CompletableFuture<CachedRange>> readers = new ArrayList<>();
    for (int reader = 0; reader < 100; reader++) {
      readers.add(tiers.reader(id).read(FileKind.LOG, 0, MIB, MIB));
    }
    assertThat(readers).noneMatch(CompletableFuture::isDone);

    // When the store answers
    gate.countDown();

    // Then all are served from one fetch
    for (CompletableFuture<CachedRange> reader : readers) {
      try (CachedRange range = await(reader)) {
        assertThat(bytesOf(range)).isEqualTo(part(id, BYTES, 0, MIB));
      }
    }
    assertThat(logReads.get()).isBetween(1, 2);
    // and being read so often it is restored, without a second fetch of what is here
    Awaitility.await().until(() -> tiers.find(id).orElseThrow().state().label().equals("restored"));
    assertThat(logReads.get()).isEqualTo(2);
    assertThat(fetchedBytes()).isBetween((double) BYTES, BYTES + 2.0 * CHUNK);
    assertThat(read(id, 0, BYTES)).isEqualTo(content(id, BYTES));
  }

  @Test
  void randomReadsFetchLittleMoreThanTheyAskFor() throws Exception {
    // Given segments of 64 MiB together, and a cache that keeps none of it
    reopen(options -> options.localCacheBytes(0).readAheadBytes(0));
    List<SegmentId> segments = List.of(archived(100, 32 * MIB), archived(200, 32 * MIB));
    site.store.resetRequests();
    double before = fetchedBytes();
    Random random = new Random(4);

    // When 60 reads of 1 MiB come at random positions
    int reads = 60;
    for (int i = 0; i < reads; i++) {
      SegmentId segment = segments.get(random.nextInt(2));
      int position = random.nextInt(31 * MIB);
      assertThat(read(segment, position, MIB)).isEqualTo(part(segment, 32 * MIB, position, MIB));
    }

    // Then the ends of the ranges are all that was too much
    assertThat((fetchedBytes() - before) / ((double) reads * MIB)).isBetween(1.0, 1.25);
    assertThat(site.store.requests(StoreOperation.GET) / (double) reads).isBetween(1.0, 1.3);
  }

  @Test
  void chunkThatIsHereAmongMissingOnesDoesNotMakeTwoRequestsOfOne() throws Exception {
    read(id, 4 * CHUNK, CHUNK);
    site.store.resetRequests();

    assertThat(read(id, 0, 9 * CHUNK)).isEqualTo(part(id, BYTES, 0, 9 * CHUNK));

    assertThat(site.store.requests(StoreOperation.GET)).isEqualTo(1);
  }

  @Test
  void readStatsTellWhatReadersCostAndWhatIsCached() throws Exception {
    // Given a reader of four chunks that waits for the store
    long budgetBytes = 64L * MIB;
    reopen(options -> options.localCacheBytes(budgetBytes).readAheadBytes(0));
    assertThat(tiers.readStats().byTopic()).isEmpty();
    AtomicInteger held = holdReads(".log");
    CompletableFuture<CachedRange> waiting =
        tiers.reader(id).read(FileKind.LOG, 0, 4 * CHUNK, 4 * CHUNK);
    Awaitility.await().until(() -> tiers.readStats().chunksUnderWay() == 4);

    // When it is served, and another one of the same
    gate.countDown();
    await(waiting).close();
    assertThat(held).hasValue(1);
    read(id, 0, 4 * CHUNK);
    Awaitility.await().until(() -> tiers.readStats().total().waits() >= 1);
    ReadStats stats = tiers.readStats();

    // Then the chunks missed once and hit once, the read index missed besides
    ReadCosts orders = stats.total();
    assertThat(stats.byTopic()).containsOnlyKeys("orders").containsEntry("orders", orders);
    assertThat(orders.hits()).isEqualTo(4);
    assertThat(orders.misses()).isEqualTo(5);
    assertThat((double) orders.servedBytes()).isEqualTo(servedBytes());
    assertThat((double) orders.fetchedBytes()).isEqualTo(fetchedBytes());
    assertThat(orders.amplification().orElseThrow()).isBetween(0.5, 0.51);
    assertThat(orders.longestWait()).isPositive().isLessThanOrEqualTo(orders.waited());
    assertThat(stats.cachedBytes()).isEqualTo(orders.fetchedBytes());
    assertThat(stats.cacheBudgetBytes()).isEqualTo(budgetBytes);
    assertThat(stats.chunksUnderWay()).isZero();
    assertThat(stats.quarantinedChunks()).isZero();
    assertThat(stats.total().evictions()).isZero();

    // and what is restored takes its share of the budget
    await(tiers.restore(id, "test"));
    Awaitility.await().until(() -> tiers.readStats().cacheBudgetBytes() == budgetBytes - BYTES);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 10L << 30})
  void sequentialReadFetchesEachByteOnceAndGoesAheadOverTheBorder(long cacheBytes)
      throws Exception {
    // Given three segments that follow each other, and a cache that keeps nothing, or everything
    reopen(options -> options.localCacheBytes(cacheBytes));
    tiers.deletePartition(id.partition()).get(3, TimeUnit.MINUTES);
    int bytes = 8 * MIB + 12345;
    List<SegmentId> segments =
        List.of(archived(1000, bytes), archived(1100, bytes), archived(1200, bytes));
    double fetchedBefore = fetchedBytes();
    double servedBefore = servedBytes();

    // When a reader goes through
    for (SegmentId segment : segments) {
      byte[] whole = content(segment, bytes);
      for (int at = 0; at < bytes; ) {
        try (CachedRange range = await(tiers.reader(segment).read(FileKind.LOG, at, 1, 700_000))) {
          byte[] got = bytesOf(range);
          assertThat(got).isEqualTo(Arrays.copyOfRange(whole, at, at + got.length));
          at += got.length;
        }
      }
    }

    // Then nothing was fetched twice, and most came before it was asked for. Without a cache the
    // chunk
    // at the end of a read is fetched again by the next one, where reading ahead was not in time.
    double served = servedBytes() - servedBefore;
    double most = cacheBytes == 0 ? 1.25 : 1.05;
    assertThat((fetchedBytes() - fetchedBefore) / served).isBetween(1.0, most);
    assertThat(counted("tiered.storage.read.requests", "topic", "orders", "reason", "ahead"))
        .isGreaterThan(3);
    assertThat(counted("tiered.storage.read.requests", "topic", "orders", "reason", "demand"))
        .isLessThan(24);
  }

  @Test
  void requestsForWhatIsReadAheadGrowToEightMebibytes() throws Exception {
    // Given a segment that is larger than any window so far
    reopen(options -> options.localCacheBytes(256L * MIB).readAheadBytes(128L * MIB));
    int bytes = 64 * MIB;
    SegmentId large = archived(100, bytes);

    // When a reader goes through
    for (int at = 0; at < bytes; at += MIB) {
      try (CachedRange range = await(tiers.reader(large).read(FileKind.LOG, at, MIB, MIB))) {
        assertThat(range.lengthBytes()).isEqualTo(MIB);
      }
    }

    // Then about 13 requests were enough, small ones while the window grew; with 4 MiB it is 19
    assertThat(counted("tiered.storage.read.requests", "topic", "orders", "reason", "ahead"))
        .isBetween(10.0, 15.0);
    assertThat(fetchedBytes()).isLessThan(1.01 * bytes);
  }

  @Test
  void fetchAheadCrossesTheBorderBeforeTheReaderDoes() throws Exception {
    // Given a reader near the end of its segment
    SegmentId next = archived(100, BYTES);
    for (int at = 0; at < 24; at += 6) {
      read(id, (long) at * CHUNK, 6 * CHUNK);
    }

    // When what is read ahead has come
    Awaitility.await()
        .until(() -> site.meters.get("tiered.storage.read.chunks.under.way").gauge().value() == 0);
    site.store.goDown();

    // Then the start of the next segment is here, its proof included
    assertThat(read(next, 0, CHUNK)).isEqualTo(part(next, BYTES, 0, CHUNK));
  }

  @Test
  void whatIsReadAheadGoesAtThePaceAndWhatAReaderWaitsForDoesNot() throws Exception {
    // Given a pace that holds whoever asks
    SegmentId other = archived(100, BYTES);
    AtomicInteger held = new AtomicInteger();
    tiers.paceReadAhead(
        bytes -> {
          held.incrementAndGet();
          passGate();
        });
    read(id, 0, 6 * CHUNK);
    assertThat(held).hasValue(0);

    // When a second read in order has the next chunks fetched ahead
    read(id, 6L * CHUNK, 6 * CHUNK);
    Awaitility.await().until(() -> held.get() > 0);

    // Then what came before the wait is here, and a read of something else is not held
    assertThat(read(id, 12L * CHUNK, CHUNK)).isEqualTo(part(id, BYTES, 12 * CHUNK, CHUNK));
    assertThat(read(other, 3L * CHUNK, 4 * CHUNK))
        .isEqualTo(part(other, BYTES, 3 * CHUNK, 4 * CHUNK));
    gate.countDown();
    assertThat(read(id, 12L * CHUNK, 6 * CHUNK)).isEqualTo(part(id, BYTES, 12 * CHUNK, 6 * CHUNK));
  }
}
