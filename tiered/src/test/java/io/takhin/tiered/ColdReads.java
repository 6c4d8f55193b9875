package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.read.CachedRange;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** One cold segment with an archiver over it, and what the tests of cold reads do with them. */
abstract class ColdReads {
  static final int CHUNK = ReadIndex.CHUNK_BYTES;
  static final int BYTES = 24 * CHUNK + 1000;
  static final int MIB = 1 << 20;

  final CountDownLatch gate = new CountDownLatch(1);
  Site site;
  TieredStorageManager tiers;
  SegmentId id;

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

  SegmentId archived(long baseOffset, int logBytes) throws Exception {
    SegmentId segment = site.sealed(tiers, baseOffset, logBytes);
    assertThat(await(tiers.archive(segment, "test")).isArchived()).isTrue();
    return segment;
  }

  void reopen(UnaryOperator<TieredOptions.Builder> change) throws Exception {
    tiers.close();
    tiers = site.open(change, Seams.NONE);
  }

  byte[] read(SegmentId segment, long position, int bytes) throws Exception {
    try (CachedRange range =
        await(tiers.reader(segment).read(FileKind.LOG, position, bytes, bytes))) {
      return bytesOf(range);
    }
  }

  static byte[] bytesOf(CachedRange range) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(range.lengthBytes());
    range.readFully(0, bytes);
    return bytes.array();
  }

  static byte[] part(SegmentId segment, int logBytes, int from, int bytes) {
    return Arrays.copyOfRange(content(segment, logBytes), from, from + bytes);
  }

  double counted(String meter, String... tags) {
    return site.meters.counter(meter, tags).count();
  }

  double fetchedBytes() {
    return counted("tiered.storage.read.fetched.bytes", "topic", "orders");
  }

  double servedBytes() {
    return counted("tiered.storage.read.served.bytes", "topic", "orders");
  }

  double cachedBytes() {
    return site.meters.get("tiered.storage.read.cache.bytes").gauge().value();
  }

  static ObjectKey key(SegmentId segment, FileKind kind) {
    return new ObjectKey("cluster/orders-0/" + kind.fileName(segment));
  }

  /** Reads of matching keys wait for the gate, and are counted. */
  AtomicInteger holdReads(String keyPart) {
    AtomicInteger held = new AtomicInteger();
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) {
            if (op == StoreOperation.GET && key.contains(keyPart)) {
              held.incrementAndGet();
              passGate();
            }
          }
        });
    return held;
  }

  void passGate() {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void put(ObjectKey key, byte[] bytes) throws StoreException {
    ByteBuffer body = ByteBuffer.wrap(bytes);
    site.bucket.put(key, body, Crc32c.of(body), PutOptions.BINARY);
  }
}
