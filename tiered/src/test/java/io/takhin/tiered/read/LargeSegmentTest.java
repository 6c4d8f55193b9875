package io.takhin.tiered.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.read.SegmentStreams.Remote;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log beyond 2 GiB, which no test wants to write: its object is made up as it is read. */
final class LargeSegmentTest {
  private static final SegmentId ID = SegmentId.of("large", 0, 0);
  private static final long LOG_BYTES = (5L << 30) + 100;
  private static final int LONGS = ReadIndex.CHUNK_BYTES / Long.BYTES;
  private static final ObjectKey LOG = new ObjectKey("large-0/00000000000000000000.log");
  private static final ObjectKey READ_INDEX =
      new ObjectKey("large-0/00000000000000000000.readindex");

  /** The chunks that are read; the read index has wrong checksums for all others. */
  private static final int FIRST = 40_000;

  private static final int COUNT = 3;

  /** Each eight bytes of the log hold their position. */
  private static ByteBuffer chunk(int index) {
    ByteBuffer bytes = ByteBuffer.allocate(ReadIndex.CHUNK_BYTES);
    for (int at = 0; at < LONGS; at++) {
      bytes.putLong((long) index * ReadIndex.CHUNK_BYTES + (long) at * Long.BYTES);
    }
    return bytes.flip();
  }

  private static ByteBuffer readIndex() {
    ReadIndex layout = new ReadIndex(LOG_BYTES, 0, 0);
    ByteBuffer object = ByteBuffer.allocate(layout.totalBytes());
    layout.putHeader(object);
    for (int index = FIRST; index < FIRST + COUNT; index++) {
      object.putInt(layout.checksumsAt() + index * Integer.BYTES, Crc32c.of(chunk(index)).value());
    }
    return object.rewind();
  }

  /** Answers reads and nothing else. */
  private static ObjectStore store(ByteBuffer readIndex) {
    return (ObjectStore)
        Proxy.newProxyInstance(
            LargeSegmentTest.class.getClassLoader(),
            new Class<?>[] {ObjectStore.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("read")) {
                throw new UnsupportedOperationException(method.getName());
              }
              read(
                  readIndex,
                  (ObjectKey) arguments[0],
                  (long) arguments[1],
                  (long) arguments[2],
                  (WritableByteChannel) arguments[4]);
              return null;
            });
  }

  private static void read(
      ByteBuffer readIndex, ObjectKey key, long start, long length, WritableByteChannel target)
      throws IOException {
    if (key.equals(READ_INDEX)) {
      target.write(readIndex.slice((int) start, (int) length));
      return;
    }
    assertThat(start % ReadIndex.CHUNK_BYTES).isZero();
    for (long at = start; at < start + length; at += ReadIndex.CHUNK_BYTES) {
      target.write(chunk((int) (at / ReadIndex.CHUNK_BYTES)));
    }
  }

  @Test
  void positionsBeyondTwoGibibytesAreRead(@TempDir Path directory) throws Exception {
    // Given
    ByteBuffer readIndex = readIndex();
    Receipt receipt =
        new Receipt(
            new ObjectKey("large-0/00000000000000000000.manifest.json"),
            List.of(
                new ArchivedFile(
                    FileKind.READINDEX, READ_INDEX, readIndex.remaining(), Crc32c.of(readIndex)),
                new ArchivedFile(FileKind.LOG, LOG, LOG_BYTES, new Crc32c(1))),
            1);
    ReadMeters meters = new ReadMeters(new SimpleMeterRegistry());
    ChunkCache cache =
        new ChunkCache(
            new SlabStore(directory, 1 << 20), 1 << 20, 1 << 20, System::nanoTime, meters);
    cache.load();
    ObjectStore store = store(readIndex);
    FetchLanes lanes = new FetchLanes("test-read", 2);
    ChunkFetcher fetcher =
        new ChunkFetcher(store, cache, lanes, new Quarantine(System::nanoTime), meters);
    LogProofs proofs = new LogProofs(LogProofs.Format.READ_INDEX, store, lanes, meters);

    try (TimedReads reads = new TimedReads(fetcher, meters, Duration.ofSeconds(20))) {
      SegmentStreams streams = new SegmentStreams(reads, proofs);
      // When
      long position = (long) FIRST * ReadIndex.CHUNK_BYTES + 8;
      int length = COUNT * ReadIndex.CHUNK_BYTES - 8;
      ByteBuffer got = ByteBuffer.allocate(length);
      try (CachedRange range =
          streams
              .read(new Remote(ID, receipt), FileKind.LOG, position, length, length)
              .get(3, TimeUnit.MINUTES)) {
        range.readFully(0, got);
      }

      // Then
      assertThat(position).isGreaterThan(Integer.MAX_VALUE);
      got.flip();
      for (long at = position; at < position + length; at += Long.BYTES) {
        assertThat(got.getLong()).isEqualTo(at);
      }
    }
    cache.close();
  }
}
