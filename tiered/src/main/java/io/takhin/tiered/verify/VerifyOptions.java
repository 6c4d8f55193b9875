package io.takhin.tiered.verify;

import java.time.Duration;

/**
 * How the background verification works.
 *
 * @param interval from the begin of a round to that of the next; zero for none at all
 * @param requestsPerDay sent to the store at most; 0 for no limit
 * @param bytesPerDay read at most, from the store and from local disks together; 0 for no limit
 * @param level how deep it looks
 * @param grace objects younger than this are never called superfluous: whoever writes them may not
 *     have said so yet
 * @param settle how long a segment that looked wrong is left alone before it is looked at again
 */
public record VerifyOptions(
    Duration interval,
    long requestsPerDay,
    long bytesPerDay,
    Level level,
    Duration grace,
    Duration settle) {
  /** Weekly, by checksums, at the price of some cents a month. */
  public static final VerifyOptions DEFAULT =
      new VerifyOptions(
          Duration.ofDays(7),
          50_000,
          20L << 30,
          Level.CHECKSUMS,
          Duration.ofHours(1),
          Duration.ofSeconds(2));

  public VerifyOptions {
    require(!interval.isNegative(), "interval", interval);
    require(requestsPerDay >= 0, "requestsPerDay", requestsPerDay);
    require(bytesPerDay >= 0, "bytesPerDay", bytesPerDay);
    require(!grace.isNegative(), "grace", grace);
    require(!settle.isNegative(), "settle", settle);
  }

  private static void require(boolean holds, String name, Object got) {
    if (!holds) {
      throw new IllegalArgumentException(
          "invalid verify " + name + ": expected 0 or more, got " + got);
    }
  }

  public boolean isOn() {
    return !interval.isZero();
  }

  /** The same, at another depth, on another schedule. */
  public VerifyOptions with(
      Duration newInterval, long newRequestsPerDay, long newBytesPerDay, Level newLevel) {
    return new VerifyOptions(
        newInterval, newRequestsPerDay, newBytesPerDay, newLevel, grace, settle);
  }

  /** The same with other delays; tests do not wait for a day to pass. */
  public VerifyOptions withDelays(Duration newGrace, Duration newSettle) {
    return new VerifyOptions(interval, requestsPerDay, bytesPerDay, level, newGrace, newSettle);
  }
}
