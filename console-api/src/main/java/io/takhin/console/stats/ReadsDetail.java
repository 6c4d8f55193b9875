package io.takhin.console.stats;

import io.takhin.tiered.read.ReadCosts;
import io.takhin.tiered.read.ReadStats;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads of cold segments in a REST answer, taken at one moment.
 *
 * @param topics by name; topics beyond the first 200 share {@code _others}
 * @param cacheBudgetBytes what restored segments leave of the local cache
 */
record ReadsDetail(
    Costs total,
    SortedMap<String, Costs> topics,
    long cachedBytes,
    long cacheBudgetBytes,
    long quarantinedChunks,
    long chunksUnderWay) {

  /**
   * Since the start.
   *
   * @param hits chunks that were here when they were asked for
   * @param misses chunks that had to be waited for
   * @param amplification bytes fetched for each byte served; null until something was served
   * @param evictions chunks that made room for others
   * @param waits reads that could not be answered at once
   * @param waitedMillis how long these waited together
   */
  record Costs(
      long hits,
      long misses,
      long servedBytes,
      long fetchedBytes,
      @Nullable Double amplification,
      long evictions,
      long waits,
      long waitedMillis,
      long longestWaitMillis) {
    private static Costs of(ReadCosts costs) {
      return new Costs(
          costs.hits(),
          costs.misses(),
          costs.servedBytes(),
          costs.fetchedBytes(),
          costs.amplification().isPresent() ? costs.amplification().getAsDouble() : null,
          costs.evictions(),
          costs.waits(),
          costs.waited().toMillis(),
          costs.longestWait().toMillis());
    }
  }

  static ReadsDetail of(ReadStats stats) {
    SortedMap<String, Costs> topics = new TreeMap<>();
    stats.byTopic().forEach((topic, costs) -> topics.put(topic, Costs.of(costs)));
    return new ReadsDetail(
        Costs.of(stats.total()),
        topics,
        stats.cachedBytes(),
        stats.cacheBudgetBytes(),
        stats.quarantinedChunks(),
        stats.chunksUnderWay());
  }
}
