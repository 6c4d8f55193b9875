package io.takhin.tiered.read;

import io.takhin.tiered.segment.ReadIndex;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How chunks of the bucket's objects are fetched and kept.
 *
 * @param chunkDir where cached chunks lie; created when needed, and nothing else lies there
 * @param cacheBytes what they may take
 * @param timeout how long a read waits before it fails with {@link ReadTimeoutException}
 * @param parallelism requests to the store at the same time, over all readers
 * @param readAheadBytes what may be fetched before it is asked for, over all readers
 */
public record ChunkReadOptions(
    Path chunkDir, long cacheBytes, Duration timeout, int parallelism, long readAheadBytes) {
  private static final int MAX_PARALLELISM = 256;

  public ChunkReadOptions {
    require(cacheBytes >= 0, "cacheBytes", "0 or more", cacheBytes);
    require(!timeout.isNegative() && !timeout.isZero(), "read timeout", "more than 0", timeout);
    require(
        parallelism >= 1 && parallelism <= MAX_PARALLELISM,
        "read parallelism",
        "1 to " + MAX_PARALLELISM,
        parallelism);
    require(
        readAheadBytes == 0 || readAheadBytes >= ReadIndex.CHUNK_BYTES,
        "readAheadBytes",
        "0 or at least " + ReadIndex.CHUNK_BYTES,
        readAheadBytes);
  }

  static void require(boolean holds, String name, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException(
          "invalid " + name + ": expected " + expected + ", got " + got);
    }
  }
}
