package io.takhin.console.disk;

import io.takhin.tiered.disk.DiskStatus;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The disk in a REST answer, as it was last measured.
 *
 * @param policy {@code hold}, {@code backpressure} or {@code shed}
 * @param level the mark that the use has reached: {@code normal}, {@code low}, {@code high} or
 *     {@code full}
 * @param usedPercent in tenths
 * @param growthBytesPerSecond net, over the last ten minutes; negative when it shrinks
 * @param secondsToFull until the full mark at that rate; null while the use does not grow
 */
record DiskDetail(
    String policy,
    String level,
    long usedBytes,
    long totalBytes,
    double usedPercent,
    int lowPercent,
    int highPercent,
    int fullPercent,
    long growthBytesPerSecond,
    @Nullable Long secondsToFull,
    Instant measuredAt) {
  static DiskDetail of(DiskStatus status) {
    return new DiskDetail(
        status.policy().name().toLowerCase(Locale.ROOT),
        status.level().name().toLowerCase(Locale.ROOT),
        status.usage().usedBytes(),
        status.usage().totalBytes(),
        Math.round(status.usage().usedRatio() * 1000) / 10.0,
        status.marks().lowPercent(),
        status.marks().highPercent(),
        status.marks().fullPercent(),
        Math.round(status.growthBytesPerSecond()),
        status.secondsToFull().isPresent() ? status.secondsToFull().getAsLong() : null,
        Instant.ofEpochMilli(status.measuredAtMillis()));
  }
}
