package io.takhin.config;

import static java.util.Objects.requireNonNull;

/**
 * How archived segments are read where they are.
 *
 * @param mode whether they are streamed or restored
 * @param parallelism requests at once, over all readers
 * @param aheadBytes what may be fetched before it is asked for, over all readers
 * @param restoreAfterReads in mode auto, how many times its size is served of a segment before it
 *     is restored
 * @param restoreCoveragePercent in mode auto, how much of a segment is asked for out of order
 *     before it is restored
 */
public record ReadConfig(
    ReadMode mode,
    int parallelism,
    long aheadBytes,
    int restoreAfterReads,
    int restoreCoveragePercent) {

  public ReadConfig {
    requireNonNull(mode, "mode");
  }
}
