package io.takhin.console.disk;

import io.takhin.tiered.catalog.Gap;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was given up, in a REST answer.
 *
 * @param toOffset the first offset behind it
 * @param bytes of the logs that held it
 * @param newestRecordAt null if no record had a timestamp
 * @param droppedAt when the last of it was given up
 */
record GapDetail(
    String topic,
    int partition,
    long fromOffset,
    long toOffset,
    long segments,
    long bytes,
    @Nullable Instant newestRecordAt,
    Instant droppedAt,
    String reason) {
  static GapDetail of(Gap gap) {
    return new GapDetail(
        gap.partition().topic(),
        gap.partition().partition(),
        gap.fromOffset(),
        gap.toOffset(),
        gap.segments(),
        gap.bytes(),
        gap.maxTimestampMillis() < 0 ? null : Instant.ofEpochMilli(gap.maxTimestampMillis()),
        Instant.ofEpochMilli(gap.droppedAtMillis()),
        gap.reason());
  }

  /**
   * @param totalBytes of all gaps, also of those that are not listed
   * @param totalGaps how many there are
   * @param gaps by partition and offset
   */
  record Listing(long totalGaps, long totalBytes, List<GapDetail> gaps) {}
}
