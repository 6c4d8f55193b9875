package io.takhin.tiered.read;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How cold segments are read.
 *
 * @param mode whether they are streamed or restored
 * @param chunkDir where cached chunks lie; created when needed, and nothing else lies there
 * @param cacheBytes what chunks and restored segments may take together
 * @param timeout how long a read waits before it fails with {@link ReadTimeoutException}
 * @param parallelism requests to the store at the same time, over all readers
 * @param readAheadBytes what may be fetched before it is asked for, over all readers
 * @param restoreAfterReads in mode auto: how many times its size may be served of a segment before
 *     it is restored
 * @param restoreCoverage in mode auto: which share of a segment, above 0 up to 1, readers that do
 *     not go through in order may ask for before it is restored
 */
public record ReadOptions(
    ReadMode mode,
    Path chunkDir,
    long cacheBytes,
    Duration timeout,
    int parallelism,
    long readAheadBytes,
    double restoreAfterReads,
    double restoreCoverage) {
  public ReadOptions {
    ChunkReadOptions valid =
        new ChunkReadOptions(chunkDir, cacheBytes, timeout, parallelism, readAheadBytes);
    chunkDir = valid.chunkDir();
    ChunkReadOptions.require(
        restoreAfterReads > 0, "restoreAfterReads", "more than 0", restoreAfterReads);
    ChunkReadOptions.require(
        restoreCoverage > 0 && restoreCoverage <= 1,
        "restoreCoverage",
        "above 0 up to 1",
        restoreCoverage);
  }

  /** Those that are the same for segments and other objects. */
  ChunkReadOptions chunks() {
    return new ChunkReadOptions(chunkDir, cacheBytes, timeout, parallelism, readAheadBytes);
  }
}
