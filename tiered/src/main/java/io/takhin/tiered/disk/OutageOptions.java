package io.takhin.tiered.disk;

import java.time.Duration;

/**
 * What is done when segments cannot leave the disk.
 *
 * @param space how the disk is measured
 * @param interval between two measurements, above zero; what is appended meanwhile is added to the
 *     last one
 */
public record OutageOptions(
    OutagePolicy policy, DiskMarks marks, DiskSpace space, Duration interval) {
  public static final OutageOptions DEFAULT =
      new OutageOptions(
          OutagePolicy.HOLD, DiskMarks.DEFAULT, DiskSpace.OF_FILE_SYSTEM, Duration.ofSeconds(1));

  public OutageOptions {
    if (interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException(
          "invalid interval of disk measurements: expected above zero, got " + interval);
    }
  }
}
