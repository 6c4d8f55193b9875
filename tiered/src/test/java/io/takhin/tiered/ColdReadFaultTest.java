package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.read.CachedRange;
import io.takhin.tiered.read.DamagedChunkException;
import io.takhin.tiered.read.ReadTimeoutException;
import io.takhin.tiered.read.SegmentIndexes;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Stores that fail, hang and lie while a cold segment is read. */
@Timeout(600)
final class ColdReadFaultTest extends ColdReads {
  /** Alters one byte of the first buffer that passes. */
  private static final class FlippingChannel implements WritableByteChannel {
    private final WritableByteChannel target;
    private final int at;
    private boolean done;

    FlippingChannel(WritableByteChannel target, int at) {
      this.target = target;
      this.at = at;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
      if (!done) {
        copy.put(at, (byte) ~copy.get(at));
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

  /** Flips the first byte of each body that matches, as often as said. */
  private AtomicInteger damageReads(String keyPart, int times) {
    return damageReads(keyPart, times, 0);
  }

  private AtomicInteger damageReads(String keyPart, int times, int at) {
    AtomicInteger left = new AtomicInteger(times);
    site.store.inject(
        new Fault() {
          @Override
          public WritableByteChannel target(String key, WritableByteChannel target) {
            boolean hit = key.contains(keyPart) && left.getAndDecrement() > 0;
            return hit ? new FlippingChannel(target, at) : target;
          }
        });
    return left;
  }

  @Test
  void chunkDamagedOnTheWayIsFetchedAgain() throws Exception {
    AtomicInteger left = damageReads(".log", 1);

    assertThat(read(id, 0, 4 * CHUNK)).isEqualTo(part(id, BYTES, 0, 4 * CHUNK));

    assertThat(left).hasNonPositiveValue();
    // the index, the four chunks, and the first one again
    assertThat(site.store.requests(StoreOperation.GET)).isEqualTo(3);
  }

  @Test
  void chunkDamagedOnTheWayIsFetchedAgainAlsoWhenItCameBeforeItsProof() throws Exception {
    // Given chunks of which the first is damaged, and a read index that comes after them
    AtomicInteger left = new AtomicInteger(1);
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) {
            if (key.endsWith(".readindex")) {
              passGate();
            }
          }

          @Override
          public WritableByteChannel target(String key, WritableByteChannel target) {
            boolean hit = key.endsWith(".log") && left.getAndDecrement() > 0;
            return hit ? new FlippingChannel(target, 0) : target;
          }
        });
    CompletableFuture<CachedRange> answer =
        tiers.reader(id).read(FileKind.LOG, 0, 4 * CHUNK, 4 * CHUNK);
    Awaitility.await()
        .untilAsserted(() -> assertThat(fetchedBytes()).isGreaterThanOrEqualTo(4 * CHUNK));

    // When it comes
    gate.countDown();

    // Then that chunk is fetched again, and nobody sees the damage
    try (CachedRange range = await(answer)) {
      assertThat(bytesOf(range)).isEqualTo(part(id, BYTES, 0, 4 * CHUNK));
    }
    assertThat(left).hasNonPositiveValue();
    assertThat(site.store.requests(StoreOperation.GET)).isEqualTo(3);
  }

  @Test
  void chunksThatCameBeforeAReadIndexThatIsNoneAreProvedByOneReadOfTheLog() throws Exception {
    // Given a read index that stays damaged, and an object that is another one until that shows
    ObjectKey index = key(id, FileKind.READINDEX);
    put(index, new byte[(int) site.bucket.head(index).orElseThrow().sizeBytes()]);
    byte[] other = content(id, BYTES);
    other[CHUNK + 7] ^= 1;
    put(key(id, FileKind.LOG), other);
    holdReads(".readindex");
    CompletableFuture<CachedRange> answer =
        tiers.reader(id).read(FileKind.LOG, 0, 4 * CHUNK, 4 * CHUNK);
    Awaitility.await()
        .untilAsserted(() -> assertThat(fetchedBytes()).isGreaterThanOrEqualTo(4 * CHUNK));
    put(key(id, FileKind.LOG), content(id, BYTES));

    // When that shows
    gate.countDown();

    // Then what came early and was wrong is fetched again, once the log has proved what is right
    try (CachedRange range = await(answer)) {
      assertThat(bytesOf(range)).isEqualTo(part(id, BYTES, 0, 4 * CHUNK));
    }
    assertThat(site.store.requests(StoreOperation.HEAD)).isZero();
  }

  @Test
  void readIndexThatCannotBeHadFailsTheReadAndTheNextOneSucceeds() throws Exception {
    // Given chunks that came, and a read index that does not
    AtomicInteger failures = new AtomicInteger();
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.GET
                && key.endsWith(".readindex")
                && failures.getAndIncrement() == 0) {
              Awaitility.await().until(() -> fetchedBytes() >= CHUNK);
              throw new StoreException.Unavailable("injected", null);
            }
          }
        });

    assertThatThrownBy(() -> read(id, 0, CHUNK)).isInstanceOf(StoreException.Unavailable.class);

    assertThat(failures).hasValue(1);
    assertThat(read(id, 0, CHUNK)).isEqualTo(part(id, BYTES, 0, CHUNK));
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
    assertThat(site.store.requests(StoreOperation.GET)).isEqualTo(3);
  }

  @Test
  void indexAlteredWithinAWholeReadIndexIsFetchedAgain() throws Exception {
    // Given a read index whose own header tells nothing of the damage
    AtomicInteger left = damageReads(".readindex", 1, new ReadIndex(BYTES, 80, 24).timeIndexAt());

    try (SegmentIndexes indexes = await(tiers.reader(id).indexes())) {
      assertThat(indexes.bytes(FileKind.INDEX)).isEqualTo(content(id, 80));
      assertThat(indexes.bytes(FileKind.TIMEINDEX)).isEqualTo(content(id, 24));
    }

    assertThat(left).hasNonPositiveValue();
    assertThat(site.store.requests(StoreOperation.GET)).isEqualTo(2);
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
    int requests = site.store.requests(StoreOperation.GET);
    assertThatThrownBy(() -> read(id, 2 * CHUNK, 10)).isInstanceOf(DamagedChunkException.class);
    assertThat(site.store.requests(StoreOperation.GET)).isEqualTo(requests);
    assertThat(site.meters.get("tiered.storage.read.chunks.quarantined").gauge().value())
        .isEqualTo(1);
    assertThat(tiers.readStats().quarantinedChunks()).isEqualTo(1);

    // and once the object is repaired and some time has passed, it is served too
    put(key(id, FileKind.LOG), content(id, BYTES));
    site.clock.advance(Duration.ofMinutes(6));
    assertThat(read(id, 2 * CHUNK, 10)).isEqualTo(part(id, BYTES, 2 * CHUNK, 10));
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
          public void after(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.GET && key.endsWith(".log") && breaks.getAndIncrement() == 0) {
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
    reopen(options -> options.readTimeout(Duration.ofSeconds(2)));
    AtomicInteger held = holdReads(".log");

    // When a read waits
    assertThatThrownBy(() -> read(id, 0, 4 * CHUNK))
        .isInstanceOf(ReadTimeoutException.class)
        .hasMessageContaining("try again")
        .hasMessageContaining("timeout_millis=2000");
    Awaitility.await().untilAsserted(() -> assertThat(held).hasValue(1));
    gate.countDown();
    Awaitility.await()
        .until(() -> site.meters.get("tiered.storage.read.chunks.under.way").gauge().value() == 0);

    // Then what it began is there for the next
    site.store.goDown();
    assertThat(read(id, 0, 4 * CHUNK)).isEqualTo(part(id, BYTES, 0, 4 * CHUNK));
    assertThat(counted("tiered.storage.read.timeouts", "topic", "orders")).isEqualTo(1);
  }
}
