package io.takhin.console.stats;

import io.takhin.console.isolation.WriterDetail;
import io.takhin.tiered.TieredStats;
import io.takhin.tiered.catalog.CatalogStats;
import io.takhin.tiered.catalog.Gaps;
import io.takhin.tiered.catalog.Tier;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The sums in a REST answer, taken at one moment: hot, warm and cold segments add up to all of
 * them, and so do the states. Bytes are those of the log files.
 *
 * @param archivedSegments segments of which the bucket holds the only copy
 * @param localBytes of segments whose files are on this machine
 * @param remoteBytes of segments that are proved in the bucket
 * @param restoredBytes of segments that were brought back
 * @param states segments by state
 * @param s3Requests requests to the store by operation, since the start
 * @param oldestUnarchivedAgeSeconds age of the oldest segment that only this machine holds
 * @param operationsUnderWay segments that are being moved, or wait for it
 * @param unfinishedSegments segments whose archiving was broken off or whose removal is not done
 * @param gaps ranges of offsets that were given up because the disk was full
 * @param gapBytes of the logs that held them
 * @param lastPolicyRun all zero until the policy has run once
 * @param writer whether this process may archive
 * @param quarantinedSegments that are left alone until somebody asks, by what failed
 */
record StatsDetail(
    long totalSegments,
    long hotSegments,
    long warmSegments,
    long coldSegments,
    long archivedSegments,
    long totalSizeBytes,
    long localBytes,
    long remoteBytes,
    long restoredBytes,
    SortedMap<String, Long> states,
    SortedMap<String, Long> s3Requests,
    long s3BytesUploaded,
    long s3BytesDownloaded,
    StoreHealthDetail storeHealth,
    long oldestUnarchivedAgeSeconds,
    long operationsUnderWay,
    long unfinishedSegments,
    long gaps,
    long gapBytes,
    PolicyRunDetail lastPolicyRun,
    WriterDetail writer,
    SortedMap<String, Integer> quarantinedSegments) {

  static StatsDetail of(TieredStats stats, Gaps gaps) {
    CatalogStats segments = stats.catalog();
    Map<Tier, Long> byTier = segments.byTier();
    return new StatsDetail(
        segments.segments(),
        byTier.getOrDefault(Tier.HOT, 0L),
        byTier.getOrDefault(Tier.WARM, 0L),
        byTier.getOrDefault(Tier.COLD, 0L),
        segments.archivedSegments(),
        segments.totalBytes(),
        segments.localBytes(),
        segments.remoteBytes(),
        segments.restoredBytes(),
        new TreeMap<>(segments.byState()),
        new TreeMap<>(stats.traffic().requestsByOperation()),
        stats.traffic().bytesUploaded(),
        stats.traffic().bytesDownloaded(),
        StoreHealthDetail.of(stats.store()),
        (long) stats.oldestUnarchivedAgeSeconds(),
        stats.operationsUnderWay(),
        stats.unfinished(),
        gaps.count(),
        gaps.lostBytes(),
        PolicyRunDetail.of(stats.lastPolicyRun()),
        WriterDetail.of(stats.writer()),
        quarantined(stats));
  }

  private static SortedMap<String, Integer> quarantined(TieredStats stats) {
    SortedMap<String, Integer> byStage = new TreeMap<>();
    stats.quarantined().forEach((stage, count) -> byStage.put(stage.label(), count));
    return byStage;
  }
}
