package io.takhin.tiered.read;

import java.time.Duration;
import java.util.OptionalDouble;

/**
 * What cold reads cost since the archiver was opened. Reads of local files are not among them.
 *
 * @param hits chunks that were here when they were asked for
 * @param misses chunks that had to be waited for
 * @param servedBytes what readers were given
 * @param fetchedBytes what came from the store for it, indexes and read-ahead included
 * @param evictions chunks of it that made room for others
 * @param waits reads that could not be answered at once
 * @param waited how long these waited together
 * @param longestWait how long one of these waited at most; zero before the first
 */
public record ReadCosts(
    long hits,
    long misses,
    long servedBytes,
    long fetchedBytes,
    long evictions,
    long waits,
    Duration waited,
    Duration longestWait) {
  static final ReadCosts NONE = new ReadCosts(0, 0, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO);

  /**
   * Bytes fetched for each byte served; below 1 where the cache answers. Empty until something was
   * served.
   */
  public OptionalDouble amplification() {
    return servedBytes == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) fetchedBytes / servedBytes);
  }

  ReadCosts plus(ReadCosts other) {
    return new ReadCosts(
        hits + other.hits,
        misses + other.misses,
        servedBytes + other.servedBytes,
        fetchedBytes + other.fetchedBytes,
        evictions + other.evictions,
        waits + other.waits,
        waited.plus(other.waited),
        longestWait.compareTo(other.longestWait) > 0 ? longestWait : other.longestWait);
  }
}
