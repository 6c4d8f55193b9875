package io.takhin.tiered.disk;

import java.util.OptionalLong;

/**
 * How the disk stood when it was last measured.
 *
 * @param growthBytesPerSecond net, over the last ten minutes; negative when it shrinks
 * @param secondsToFull until the full mark at that rate: 0 when it is reached, empty while the use
 *     does not grow
 * @param measuredAtMillis milliseconds since the epoch
 */
public record DiskStatus(
    OutagePolicy policy,
    DiskMarks marks,
    DiskUsage usage,
    DiskLevel level,
    double growthBytesPerSecond,
    OptionalLong secondsToFull,
    long measuredAtMillis) {

  static DiskStatus of(
      OutageOptions options, DiskUsage usage, double growthBytesPerSecond, long measuredAtMillis) {
    DiskMarks marks = options.marks();
    long leftBytes = marks.fullBytes(usage.totalBytes()) - usage.usedBytes();
    OptionalLong secondsToFull =
        leftBytes <= 0
            ? OptionalLong.of(0)
            : growthBytesPerSecond <= 0
                ? OptionalLong.empty()
                : OptionalLong.of(
                    (long) Math.min(Long.MAX_VALUE, leftBytes / growthBytesPerSecond));
    return new DiskStatus(
        options.policy(),
        marks,
        usage,
        marks.level(usage),
        growthBytesPerSecond,
        secondsToFull,
        measuredAtMillis);
  }

  /** How far the use is above the low mark; 0 below it. */
  public long aboveLowBytes() {
    return Math.max(0, usage.usedBytes() - marks.lowBytes(usage.totalBytes()));
  }

  /** How far the use is above the high mark; 0 below it. */
  public long aboveHighBytes() {
    return Math.max(0, usage.usedBytes() - marks.highBytes(usage.totalBytes()));
  }
}
