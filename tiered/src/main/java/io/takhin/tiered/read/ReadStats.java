package io.takhin.tiered.read;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How cold reads stand at one moment.
 *
 * @param total the sum over the topics
 * @param byTopic topics that were read, by name; the first 200 have costs of their own, further
 *     ones share {@code _others}; evictions of chunks that an earlier run has left and nobody has
 *     read since are those of {@code _earlier}
 * @param cachedBytes chunks on the local disk, those that nobody asked for yet included
 * @param cacheBudgetBytes what chunks may take now, those that nobody asked for yet apart: what
 *     restored segments leave of the local cache
 * @param quarantinedChunks chunks set apart, because the store returned something else than was
 *     archived
 * @param chunksUnderWay chunks that are being fetched
 */
public record ReadStats(
    ReadCosts total,
    SortedMap<String, ReadCosts> byTopic,
    long cachedBytes,
    long cacheBudgetBytes,
    long quarantinedChunks,
    long chunksUnderWay) {
  public ReadStats {
    byTopic = Collections.unmodifiableSortedMap(new TreeMap<>(byTopic));
  }
}
