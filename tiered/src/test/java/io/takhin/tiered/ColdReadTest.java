package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.FaultyStore.Op;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.read.CachedRange;
import io.takhin.tiered.read.DamagedChunkException;
import io.takhin.tiered.read.ReadCosts;
import io.takhin.tiered.read.ReadMode;
import io.takhin.tiered.read.ReadStats;
import io.takhin.tiered.read.ReadTimeoutException;
import io.takhin.tiered.read.SegmentIndexes;
import io.takhin.tiered.read.SegmentReader;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streaming of segments that only the bucket has. */
@Timeout(60)
final class ColdReadTest {
  private static final int CHUNK = ReadIndex.CHUNK_BYTES;
  private static final int BYTES = 24 * CHUNK + 1000;
  private static final int MIB = 1 << 20;

  private final CountDownLatch gate = new CountDownLatch(1);
  private Site site;
  private TieredStorageManager tiers;
  private SegmentId id;

  @BeforeEach
  void archiveOne(@TempDir Path root) throws Exception {
    site = new Site(root);
    tiers = site.open();
    id = archived(0, BYTES);
    site.store.resetRequests();
  }

  @AfterEach
  void close() throws Exception {
    gate.countDown();
    site.close();
  }

  private SegmentId archived(long baseOffset, int logBytes) throws Exception {
    SegmentId segment = site.sealed(tiers, baseOffset, logBytes);
    assertThat(await(tiers.archive(segment, "test")).isArchived()).isTrue();
    return segment;
  }

  private void reopen(UnaryOperator<TieredOptions.Builder> change) throws Exception {
    tiers.close();
    tiers = site.open(change, Seams.NONE);
  }

  private byte[] read(SegmentId segment, long position, int bytes) throws Exception {
    try (CachedRange range =
        await(tiers.reader(segment).read(FileKind.LOG, position, bytes, bytes))) {
      return bytesOf(range);
    }
  }

  private static byte[] bytesOf(CachedRange range) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(range.lengthBytes());
    range.readFully(0, bytes);
    return bytes.array();
  }

  private static byte[] part(SegmentId segment, int logBytes, int from, int bytes) {
    return Arrays.copyOfRange(content(segment, logBytes), from, from + bytes);
  }

  private double counted(String meter, String... tags) {
    return site.meters.counter(meter, tags).count();
  }

  private double fetchedBytes() {
    return counted("tiered.storage.read.fetched.bytes", "topic", "orders");
  }

  private double servedBytes() {
    return counted("tiered.storage.read.served.bytes", "topic", "orders");
  }

  private static ObjectKey key(SegmentId segment, FileKind kind) {
    return new ObjectKey("cluster/orders-0/" + kind.fileName(segment));
  }

  /** Reads of matching keys wait for the gate, and are counted. */
  private AtomicInteger holdReads(String keyPart) {
    AtomicInteger held = new AtomicInteger();
    site.store.inject(
        new Fault() {
          @Override
          public void before(Op op, String key) {
            if (op == Op.READ && key.contains(keyPart)) {
              held.incrementAndGet();
              passGate();
            }
          }
        });
    return held;
  }

  private void passGate() {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Flips a byte of each body that matches, as often as said. */
  private AtomicInteger damageReads(String keyPart, int times) {
    AtomicInteger left = new AtomicInteger(times);
    site.store.inject(
        new Fault() {
          @Override
          public WritableByteChannel target(String key, WritableByteChannel target) {
            boolean hit = key.contains(keyPart) && left.getAndDecrement() > 0;
            return hit ? new FlippingChannel(target) : target;
          }
        });
    return left;
  }

  /** Alters the first byte that passes. */
  private static final class FlippingChannel implements WritableByteChannel {
    private final WritableByteChannel target;
    private boolean done;

    FlippingChannel(WritableByteChannel target) {
      this.target = target;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
      if (!done) {
        copy.put(0, (byte) ~copy.get(0));
        done = true;
      }
      int length = copy.remaining();
      while (copy.hasRemaining()) {
        target.write(copy);
      }
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

  /** Swallows all but the first bytes. */
  private record CuttingChannel(WritableByteChannel target) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) throws IOException {
      int length = bytes.remaining();
      ByteBuffer first = bytes.slice(bytes.position(), Math.min(length, CHUNK + CHUNK / 2));
      bytes.position(bytes.limit());
      while (first.hasRemaining()) {
        target.write(first);
      }
      return length;
    }

    @Override
    public boolean isOpen() {
      return target.isOpen();
    }

    @Override
    public void close() {}
  }

  @Test
  void firstReadOfAColdSegmentCostsOneSmallRequestAndOneOfData() throws Exception {
    byte[] got = read(id, 5 * CHUNK + 77, 2 * CHUNK);

    assertThat(got).isEqualTo(part(id, BYTES, 5 * CHUNK + 77, 2 * CHUNK));
    assertThat(site.store.requests()).isEqualTo(java.util.Map.of(Op.READ, 2));
    assertThat(tiers.find(id).orElseThrow().isArchived()).isTrue();

    // and reading it again costs nothing
    assertThat(read(id, 5 * CHUNK + 77, 2 * CHUNK)).isEqualTo(got);
    assertThat(site.store.requests(Op.READ)).isEqualTo(2);
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
    assertThat(site.store.requests(Op.READ) / (double) reads).isBetween(1.0, 1.3);
  }

  @Test
  void chunkThatIsHereAmongMissingOnesDoesNotMakeTwoRequestsOfOne() throws Exception {
    read(id, 4 * CHUNK, CHUNK);
    site.store.resetRequests();

    assertThat(read(id, 0, 9 * CHUNK)).isEqualTo(part(id, BYTES, 0, 9 * CHUNK));

    assertThat(site.store.requests(Op.READ)).isEqualTo(1);
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
    assertThat(stats.evictions()).isZero();

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
    tiers.deletePartition(id.partition()).get(10, TimeUnit.SECONDS);
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
  void chunkDamagedOnTheWayIsFetchedAgain() throws Exception {
    AtomicInteger left = damageReads(".log", 1);

    assertThat(read(id, 0, 4 * CHUNK)).isEqualTo(part(id, BYTES, 0, 4 * CHUNK));

    assertThat(left).hasNonPositiveValue();
    // the index, the four chunks, and the first one again
    assertThat(site.store.requests(Op.READ)).isEqualTo(3);
  }

  /** A store that breaks its word must not leave readers waiting. */
  @Test
  void chunkThatIsCutShortInSilenceIsFetchedAgain() throws Exception {
    AtomicInteger left = new AtomicInteger(1);
    site.store.inject(
        new Fault() {
          @Override
          public WritableByteChannel target(String key, WritableByteChannel target) {
            boolean hit = key.endsWith(".log") && left.getAndDecrement() > 0;
            return hit ? new CuttingChannel(target) : target;
          }
        });

    assertThat(read(id, 0, 4 * CHUNK)).isEqualTo(part(id, BYTES, 0, 4 * CHUNK));

    assertThat(left).hasNonPositiveValue();
  }

  @Test
  void damagedReadIndexIsFetchedAgain() throws Exception {
    AtomicInteger left = damageReads(".readindex", 1);

    assertThat(read(id, 0, CHUNK)).isEqualTo(part(id, BYTES, 0, CHUNK));

    assertThat(left).hasNonPositiveValue();
    assertThat(site.store.requests(Op.READ)).isEqualTo(3);
  }

  @Test
  void chunkDamagedInTheBucketIsSetApartAndTheRestIsServed() throws Exception {
    // Given an object with one wrong byte, in its third chunk
    SegmentId good = archived(100, BYTES);
    byte[] damaged = content(id, BYTES);
    damaged[2 * CHUNK + 5] ^= 1;
    put(key(id, FileKind.LOG), damaged);
    site.store.resetRequests();

    // When it is read
    assertThatThrownBy(() -> read(id, 0, 4 * CHUNK))
        .isInstanceOf(DamagedChunkException.class)
        .hasMessageContaining("orders-0/00000000000000000000.log")
        .hasMessageContaining("range=[262144, 393216)")
        .hasMessageContaining("expected=crc32c:")
        .hasMessageContaining("got=crc32c:");

    // Then everything else is served, and the bad chunk is not asked for again
    assertThat(read(id, 0, 2 * CHUNK)).isEqualTo(part(id, BYTES, 0, 2 * CHUNK));
    assertThat(read(id, 3 * CHUNK, CHUNK)).isEqualTo(part(id, BYTES, 3 * CHUNK, CHUNK));
    assertThat(read(good, 0, CHUNK)).isEqualTo(part(good, BYTES, 0, CHUNK));
    int requests = site.store.requests(Op.READ);
    assertThatThrownBy(() -> read(id, 2 * CHUNK, 10)).isInstanceOf(DamagedChunkException.class);
    assertThat(site.store.requests(Op.READ)).isEqualTo(requests);
    assertThat(site.meters.get("tiered.storage.read.chunks.quarantined").gauge().value())
        .isEqualTo(1);
    assertThat(tiers.readStats().quarantinedChunks()).isEqualTo(1);

    // and once the object is repaired and some time has passed, it is served too
    put(key(id, FileKind.LOG), content(id, BYTES));
    site.clock.advance(Duration.ofMinutes(6));
    assertThat(read(id, 2 * CHUNK, 10)).isEqualTo(part(id, BYTES, 2 * CHUNK, 10));
  }

  private void put(ObjectKey key, byte[] bytes) throws StoreException {
    ByteBuffer body = ByteBuffer.wrap(bytes);
    site.bucket.put(key, body, Crc32c.of(body), PutOptions.BINARY);
  }

  @Test
  void truncatedObjectFailsWhatIsMissingAndServesTheRest() throws Exception {
    put(key(id, FileKind.LOG), Arrays.copyOf(content(id, BYTES), 10 * CHUNK));

    assertThat(read(id, 0, 2 * CHUNK)).isEqualTo(part(id, BYTES, 0, 2 * CHUNK));
    assertThatThrownBy(() -> read(id, 11 * CHUNK, 10))
        .isInstanceOf(DamagedChunkException.class)
        .hasMessageContaining("broken body");
  }

  @Test
  void brokenConnectionIsTakenUpWhereItBroke() throws Exception {
    // Given a store whose connection breaks once, in the third chunk
    AtomicInteger breaks = new AtomicInteger();
    site.store.inject(
        new Fault() {
          @Override
          public void after(Op op, String key) throws StoreException {
            if (op == Op.READ && key.endsWith(".log") && breaks.getAndIncrement() == 0) {
              throw new StoreException.Unavailable("injected: connection reset", null);
            }
          }
        });

    assertThat(read(id, 0, 4 * CHUNK)).isEqualTo(part(id, BYTES, 0, 4 * CHUNK));

    assertThat(site.store.fired()).isEqualTo(1);
  }

  @Test
  void storeThatIsDownFailsTheReadAndTheNextOneSucceeds() throws Exception {
    site.store.goDown();
    assertThatThrownBy(() -> read(id, 0, 10)).isInstanceOf(StoreException.Unavailable.class);
    assertThat(site.store.fired()).isPositive();

    site.store.heal();

    assertThat(read(id, 0, 10)).isEqualTo(part(id, BYTES, 0, 10));
  }

  @Test
  void readThatWaitsTooLongIsToldAndItsWorkServesTheNext() throws Exception {
    // Given a store that hangs
    reopen(options -> options.readTimeout(Duration.ofMillis(50)));
    AtomicInteger held = holdReads(".log");

    // When a read waits
    assertThatThrownBy(() -> read(id, 0, 4 * CHUNK))
        .isInstanceOf(ReadTimeoutException.class)
        .hasMessageContaining("try again")
        .hasMessageContaining("timeout_millis=50");
    assertThat(held).hasValue(1);
    gate.countDown();
    Awaitility.await()
        .until(() -> site.meters.get("tiered.storage.read.chunks.under.way").gauge().value() == 0);

    // Then what it began is there for the next
    site.store.goDown();
    assertThat(read(id, 0, 4 * CHUNK)).isEqualTo(part(id, BYTES, 0, 4 * CHUNK));
    assertThat(counted("tiered.storage.read.timeouts", "topic", "orders")).isEqualTo(1);
  }

  @Test
  void cachedChunksSurviveARestart() throws Exception {
    read(id, 0, 10 * CHUNK);

    reopen(options -> options);
    site.store.resetRequests();

    assertThat(read(id, 0, 10 * CHUNK)).isEqualTo(part(id, BYTES, 0, 10 * CHUNK));
    assertThat(site.store.requests(Op.READ)).isZero();
  }

  @Test
  void cachedChunkThatWasDamagedOnDiskIsFetchedAgain() throws Exception {
    // Given a cache whose file was altered while the process was stopped
    read(id, 0, 4 * CHUNK);
    tiers.close();
    Path slab;
    try (Stream<Path> files = Files.list(site.root.resolve(".chunks"))) {
      slab = files.findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(slab);
    byte[] wanted = part(id, BYTES, CHUNK, 64);
    int at = indexOf(bytes, wanted);
    bytes[at + 3] ^= 1;
    Files.write(slab, bytes);
    tiers = site.open();
    site.store.resetRequests();

    // When it is read
    byte[] got = read(id, 0, 4 * CHUNK);

    // Then only that chunk is fetched, and nobody sees the damage
    assertThat(got).isEqualTo(part(id, BYTES, 0, 4 * CHUNK));
    assertThat(site.store.requests(Op.READ)).isEqualTo(1);
    assertThat(counted("tiered.storage.read.chunks.damaged", "where", "cache")).isEqualTo(1);
  }

  private static int indexOf(byte[] bytes, byte[] wanted) {
    for (int at = 0; at <= bytes.length - wanted.length; at++) {
      if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    throw new AssertionError("the chunk is not in the slab");
  }

  @Test
  void slabThatIsNoneIsDroppedAndItsChunksAreFetchedAgain() throws Exception {
    read(id, 0, CHUNK);
    tiers.close();
    try (Stream<Path> files = Files.list(site.root.resolve(".chunks"))) {
      for (Path file : files.toList()) {
        Files.writeString(file, "none");
      }
    }

    tiers = site.open();

    assertThat(read(id, 0, CHUNK)).isEqualTo(part(id, BYTES, 0, CHUNK));
  }

  @Test
  void chunksOfADeletedSegmentGo() throws Exception {
    read(id, 0, 4 * CHUNK);
    assertThat(cachedBytes()).isGreaterThanOrEqualTo(4 * CHUNK);

    await(tiers.deletePartition(id.partition()));

    // The housekeeping may be at it already, or the policy run does it.
    tiers.runPolicy();
    Awaitility.await().untilAsserted(() -> assertThat(cachedBytes()).isZero());
    assertThatThrownBy(() -> read(id, 0, 10)).isInstanceOf(CatalogException.UnknownSegment.class);
  }

  private double cachedBytes() {
    return site.meters.get("tiered.storage.read.cache.bytes").gauge().value();
  }

  @Test
  void segmentReadOftenIsRestoredInTheBackgroundAndSaysWhy() throws Exception {
    reopen(options -> options.restoreAfterReads(2));

    // When it is read through twice
    for (int pass = 0; pass < 2; pass++) {
      assertThat(tiers.find(id).orElseThrow().isArchived()).isTrue();
      for (int at = 0; at < BYTES; at += 4 * CHUNK) {
        read(id, at, Math.min(4 * CHUNK, BYTES - at));
      }
    }

    // Then it comes back, its chunks go, and the decision says why
    Awaitility.await().until(() -> tiers.find(id).orElseThrow().state().label().equals("restored"));
    assertThat(tiers.readDecision(id).orElseThrow().reason())
        .startsWith("restored: served 2.00 times its size");
    Awaitility.await().until(() -> cachedBytes() < 2 * CHUNK);
    assertThat(read(id, 0, 10)).isEqualTo(part(id, BYTES, 0, 10));
  }

  @Test
  void segmentReadOnceThroughStaysInTheBucket() throws Exception {
    for (int at = 0; at < BYTES; at += 4 * CHUNK) {
      read(id, at, Math.min(4 * CHUNK, BYTES - at));
    }

    assertThat(tiers.readDecision(id).orElseThrow().restore()).isFalse();
    assertThat(tiers.readDecision(id).orElseThrow().reason())
        .startsWith("streamed: served 1.00 times its size");
    assertThat(tiers.find(id).orElseThrow().isArchived()).isTrue();
  }

  @Test
  void segmentAskedForNearlyWholeInNoOrderIsRestored() throws Exception {
    for (int chunk = 23; chunk >= 0; chunk--) {
      read(id, (long) chunk * CHUNK, CHUNK);
    }

    Awaitility.await().until(() -> tiers.find(id).orElseThrow().state().label().equals("restored"));
    assertThat(tiers.readDecision(id).orElseThrow().coverage()).isGreaterThanOrEqualTo(0.8);
  }

  @Test
  void modeStreamNeverRestoresAndModeRestoreAlwaysDoes() throws Exception {
    reopen(options -> options.readMode(ReadMode.STREAM).restoreAfterReads(0.1));
    read(id, 0, 20 * CHUNK);
    assertThat(tiers.readDecision(id).orElseThrow().reason())
        .startsWith("streamed: the read mode is stream");
    assertThat(tiers.find(id).orElseThrow().isArchived()).isTrue();

    reopen(options -> options.readMode(ReadMode.RESTORE));
    assertThat(read(id, 0, 10)).isEqualTo(part(id, BYTES, 0, 10));
    assertThat(tiers.find(id).orElseThrow().state().label()).isEqualTo("restored");
  }

  @Test
  void segmentOfTheManifestFormatBeforeIsReadUnderItsEtag() throws Exception {
    // Given a segment archived by an earlier release
    SegmentId old = archivedWithoutReadIndex(100);
    site.store.resetRequests();

    // When it is read
    assertThat(read(old, CHUNK, 2 * CHUNK)).isEqualTo(part(old, BYTES, CHUNK, 2 * CHUNK));
    read(old, 5 * CHUNK, CHUNK);

    // Then the object was looked at once, and read
    assertThat(site.store.requests()).isEqualTo(java.util.Map.of(Op.HEAD, 1, Op.READ, 2));
    try (SegmentIndexes indexes = await(tiers.reader(old).indexes())) {
      assertThat(indexes.bytes(FileKind.INDEX)).isEqualTo(content(old, 80));
      assertThat(indexes.bytes(FileKind.TIMEINDEX)).isEqualTo(content(old, 24));
    }

    // and one that was replaced meanwhile is not mixed with it
    byte[] other = content(old, BYTES);
    other[9 * CHUNK] ^= 1;
    put(key(old, FileKind.LOG), other);
    assertThatThrownBy(() -> read(old, 9 * CHUNK, 10))
        .isInstanceOf(StoreException.PreconditionFailed.class);
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
    assertThat(site.store.requests()).isEqualTo(java.util.Map.of(Op.READ, 1));

    reopen(options -> options);
    site.store.resetRequests();
    await(tiers.reader(id).indexes()).close();
    assertThat(site.store.requests(Op.READ)).isZero();
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
  void cacheKeepsToItsBudgetTogetherWithRestoredSegments() throws Exception {
    // Given a budget of 300 chunks, and twice as many in the bucket
    int bytes = 300 * CHUNK;
    SegmentId first = archived(100, bytes);
    SegmentId second = archived(200, bytes);
    reopen(options -> options.localCacheBytes(300 * CHUNK).readAheadBytes(0));

    // When all of them are streamed
    readThrough(first, bytes);
    readThrough(second, bytes);
    tiers.runPolicy();

    // Then no more than that is kept
    Awaitility.await()
        .untilAsserted(() -> assertThat(cachedBytes()).isBetween(200.0 * CHUNK, 300.0 * CHUNK));

    // and restored segments take the place of chunks, but for a tenth
    await(tiers.restore(id, "test"));
    SegmentId third = archived(300, 200 * CHUNK);
    await(tiers.restore(third, "test"));
    tiers.runPolicy();
    Awaitility.await()
        .untilAsserted(() -> assertThat(cachedBytes()).isLessThanOrEqualTo(76.0 * CHUNK));
    Awaitility.await().untilAsserted(() -> assertThat(diskBytes()).isLessThan(3 * 64 * CHUNK));
    assertThat(tiers.find(third).orElseThrow().state().label()).isEqualTo("restored");
  }

  private void readThrough(SegmentId segment, int bytes) throws Exception {
    for (int at = 0; at < bytes; at += 4 * CHUNK) {
      read(segment, at, 4 * CHUNK);
    }
  }

  /** What the cache's files can take at most. */
  private long diskBytes() throws IOException {
    try (Stream<Path> files = Files.list(site.root.resolve(".chunks"))) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
