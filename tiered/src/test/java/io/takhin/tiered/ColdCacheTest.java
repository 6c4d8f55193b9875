package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.StoreOperation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the cache of cold segments keeps: over a restart, over damage, and within its budget. */
@Timeout(600)
final class ColdCacheTest extends ColdReads {
  @Test
  void cachedChunksSurviveARestart() throws Exception {
    read(id, 0, 10 * CHUNK);

    reopen(options -> options);
    site.store.resetRequests();

    assertThat(read(id, 0, 10 * CHUNK)).isEqualTo(part(id, BYTES, 0, 10 * CHUNK));
    assertThat(site.store.requests(StoreOperation.GET)).isZero();
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
    assertThat(site.store.requests(StoreOperation.GET)).isEqualTo(1);
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
