package io.takhin.tiered.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.store.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChunkCacheTest {
  private static final int CHUNK = ReadIndex.CHUNK_BYTES;
  private static final int SMALL = 64;

  @TempDir Path directory;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicLong nanos = new AtomicLong();

  private ChunkCache open(long maxBytes, long maxStagedBytes) throws IOException {
    ChunkCache cache =
        new ChunkCache(
            new SlabStore(directory, maxBytes),
            maxBytes,
            maxStagedBytes,
            nanos::get,
            new ReadMeters(registry));
    cache.load();
    return cache;
  }

  private static ChunkKey key(int index) {
    return new ChunkKey(1, 2, index);
  }

  /** Adds a small chunk that the slot's length pretends to be a whole one. */
  private static void add(ChunkCache cache, int index, int lengthBytes) throws IOException {
    SlabStore.Slot place = cache.places(1).get(0);
    ByteBuffer bytes = content(index, lengthBytes);
    Slab.writeFully(
        place.slab().channel(), bytes.duplicate(), place.slab().positionOf(place.index()));
    cache.add(key(index), place, lengthBytes, Crc32c.of(bytes).value()).unpin();
  }

  private static ByteBuffer content(int index, int lengthBytes) {
    ByteBuffer bytes = ByteBuffer.allocate(lengthBytes);
    while (bytes.remaining() >= Integer.BYTES) {
      bytes.putInt(index);
    }
    return bytes.rewind();
  }

  private static boolean hit(ChunkCache cache, int index) {
    Optional<Chunk> chunk = cache.use(key(index), true);
    chunk.ifPresent(Chunk::unpin);
    return chunk.isPresent();
  }

  @Test
  void fullScanOfTenTimesTheCacheLeavesTheHotSet() throws Exception {
    // Given a cache of 400 chunks, of which 300 are asked for again and again
    int lengthBytes = 1024;
    try (ChunkCache cache = open(400L * lengthBytes, 8L * lengthBytes)) {
      for (int round = 0; round < 5; round++) {
        hotHits(cache, lengthBytes);
      }
      double before = hotHits(cache, lengthBytes);
      assertThat(before).isGreaterThan(0.98);

      // When 4,000 others are read once each, and the hot ones go on
      List<Double> during = new ArrayList<>();
      for (int scanned = 0; scanned < 4000; scanned++) {
        add(cache, 10_000 + scanned, lengthBytes);
        assertThat(hit(cache, 10_000 + scanned)).as("read right after it came").isTrue();
        if (scanned % 500 == 499) {
          during.add(hotHits(cache, lengthBytes));
        }
      }

      // Then the share of hits is nearly what it was
      assertThat(during).allMatch(hits -> hits >= before - 0.05);
    }
  }

  @Test
  void setThatWasReadBeforeTheCacheWasHalfFullOutlivesTheFirstScan() throws Exception {
    // Given a cache that holds nothing but chunks that are asked for again and again
    int hot = 45;
    try (ChunkCache cache = open(100L * CHUNK, 8L * CHUNK)) {
      for (int index = 0; index < hot; index++) {
        add(cache, index, CHUNK);
      }
      for (int round = 0; round < 5; round++) {
        for (int index = 0; index < hot; index++) {
          assertThat(hit(cache, index)).isTrue();
        }
      }

      // When 600 others are read once each
      for (int scanned = 0; scanned < 600; scanned++) {
        add(cache, 10_000 + scanned, CHUNK);
        assertThat(hit(cache, 10_000 + scanned)).isTrue();
      }

      // Then nearly all of them are still here
      int hits = 0;
      for (int index = 0; index < hot; index++) {
        hits += hit(cache, index) ? 1 : 0;
      }
      assertThat(hits).isGreaterThan(hot * 9 / 10);
    }
  }

  private static double hotHits(ChunkCache cache, int lengthBytes) throws IOException {
    int hits = 0;
    for (int index = 0; index < 300; index++) {
      if (hit(cache, index)) {
        hits++;
      } else {
        add(cache, index, lengthBytes);
        assertThat(hit(cache, index)).isTrue();
      }
    }
    return hits / 300.0;
  }

  @Test
  void stagedChunksStayUntilTheyAreUsedWhateverComesMeanwhile() throws Exception {
    try (ChunkCache cache = open(10L * SMALL, 100L * SMALL)) {
      for (int index = 0; index < 50; index++) {
        add(cache, index, SMALL);
      }

      assertThat(cache.stagedBytes()).isEqualTo(50L * SMALL);
      for (int index = 0; index < 50; index++) {
        assertThat(hit(cache, index)).as("chunk %s", index).isTrue();
      }
      assertThat(cache.stagedBytes()).isZero();
      assertThat(cache.residentBytes()).isLessThanOrEqualTo(10L * SMALL);
      assertThat(registry.get("tiered.storage.read.chunk.evictions").counter().count())
          .isPositive();
    }
  }

  @Test
  void moreThanMayBeStagedIsLeftToTheEvictionOldestFirst() throws Exception {
    try (ChunkCache cache = open(2L * SMALL, 5L * SMALL)) {
      for (int index = 0; index < 20; index++) {
        add(cache, index, SMALL);
      }

      assertThat(cache.stagedBytes()).isEqualTo(5L * SMALL);
      for (int index = 15; index < 20; index++) {
        assertThat(cache.holds(key(index))).isTrue();
      }
      assertThat(cache.residentBytes()).isLessThanOrEqualTo(7L * SMALL);
    }
  }

  @Test
  void chunkInUseKeepsItsSlotAfterItWasGivenUp() throws Exception {
    try (ChunkCache cache = open(10L * CHUNK, 0)) {
      add(cache, 1, SMALL);
      Chunk held = cache.use(key(1), true).orElseThrow();
      long usedBefore = cache.usedBytes();

      cache.discard(held);

      assertThat(hit(cache, 1)).isFalse();
      assertThat(cache.usedBytes()).isEqualTo(usedBefore);
      assertThat(held.isIntact()).isTrue();
      held.unpin();
      assertThat(cache.usedBytes()).isEqualTo(usedBefore - CHUNK);
      assertThat(held.pin()).as("it is gone for good").isFalse();
    }
  }

  @Test
  void damageIsNoticedOnceTheLastComparisonIsAMinuteOld() throws Exception {
    try (ChunkCache cache = open(10L * CHUNK, 0)) {
      add(cache, 1, SMALL);
      Chunk chunk = cache.use(key(1), true).orElseThrow();
      Slab.writeFully(chunk.channel(), ByteBuffer.wrap(new byte[] {99}), chunk.positionBytes());
      chunk.unpin();

      nanos.addAndGet(Duration.ofSeconds(61).toNanos());

      assertThat(hit(cache, 1)).isFalse();
      assertThat(cache.residentBytes()).isZero();
      assertThat(registry.counter("tiered.storage.read.chunks.damaged", "where", "cache").count())
          .isEqualTo(1);
    }
  }

  @Test
  void whatWasCachedIsThereAfterARestartAndWhatWasGivenUpIsNot() throws Exception {
    try (ChunkCache cache = open(10L * CHUNK, 0)) {
      for (int index = 0; index < 4; index++) {
        add(cache, index, SMALL);
      }
      Chunk given = cache.use(key(2), true).orElseThrow();
      cache.discard(given);
      given.unpin();
    }

    try (ChunkCache again = open(10L * CHUNK, 0)) {
      assertThat(again.residentBytes()).isEqualTo(3L * SMALL);
      assertThat(hit(again, 1)).isTrue();
      assertThat(hit(again, 2)).isFalse();
    }
  }

  @Test
  void slotWhoseDataWasLostByAPowerFailureIsAMiss() throws Exception {
    // Given a record that reached the disk, and data that did not
    try (ChunkCache cache = open(10L * CHUNK, 0)) {
      SlabStore.Slot place = cache.places(1).get(0);
      cache.add(key(7), place, SMALL, Crc32c.of(content(7, SMALL)).value()).unpin();
      Slab.writeFully(
          place.slab().channel(),
          ByteBuffer.allocate(SMALL),
          place.slab().positionOf(place.index()));
    }

    try (ChunkCache again = open(10L * CHUNK, 0)) {
      assertThat(again.holds(key(7))).isTrue();
      assertThat(hit(again, 7)).isFalse();
      assertThat(again.holds(key(7))).isFalse();
    }
  }

  @Test
  void smallerLimitGivesTheDiskBack() throws Exception {
    try (ChunkCache cache = open(256L * CHUNK, 0)) {
      for (int index = 0; index < 256; index++) {
        add(cache, index, CHUNK);
      }
      assertThat(diskBytes()).isGreaterThan(250L * CHUNK);

      for (int round = 0; round < 4; round++) {
        cache.limit(64L * CHUNK);
      }

      assertThat(cache.residentBytes()).isLessThanOrEqualTo(64L * CHUNK);
      assertThat(diskBytes()).isLessThan(66L * CHUNK);
    }
  }

  private long diskBytes() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  @Test
  void interruptOfAReaderDoesNotEndTheCache() throws Exception {
    try (ChunkCache cache = open(10L * CHUNK, 0)) {
      add(cache, 1, SMALL);
      Chunk chunk = cache.use(key(1), true).orElseThrow();
      Thread.currentThread().interrupt();
      boolean failed = false;
      try {
        boolean unused = chunk.isIntact();
      } catch (IOException e) {
        failed = true;
      }
      assertThat(Thread.interrupted()).isTrue();
      assertThat(failed).as("the interrupt closed the file").isTrue();

      assertThat(chunk.isIntact()).isTrue();
      chunk.unpin();
    }
  }
}
