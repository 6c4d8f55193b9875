package io.takhin.tiered.store.throttled;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How fast payload may go to a store and come from it, each for all threads together. May be
 * changed at any time and from any thread; whoever waits at that moment goes by the new rate.
 *
 * <p>0 stands for no limit. Anything else is {@link #MIN_BYTES_PER_SECOND} or more, so that a rate
 * in the wrong unit is noticed before everything stands still.
 */
public final class RateLimits {
  public static final long UNLIMITED = RateLimit.UNLIMITED;
  public static final long MIN_BYTES_PER_SECOND = 1024;

  private static final Logger LOG = LoggerFactory.getLogger(RateLimits.class);

  private final RateLimit upload;
  private final RateLimit download;

  /**
   * Limits to begin with.
   *
   * @throws IllegalArgumentException if one of them is neither 0 nor {@link #MIN_BYTES_PER_SECOND}
   *     or more
   */
  public RateLimits(long uploadBytesPerSecond, long downloadBytesPerSecond) {
    this(uploadBytesPerSecond, downloadBytesPerSecond, Waits.REAL);
  }

  RateLimits(long uploadBytesPerSecond, long downloadBytesPerSecond, Waits waits) {
    this.upload = new RateLimit(require("upload", uploadBytesPerSecond), waits);
    this.download = new RateLimit(require("download", downloadBytesPerSecond), waits);
  }

  /** None yet. */
  public static RateLimits none() {
    return new RateLimits(UNLIMITED, UNLIMITED);
  }

  /** Whether it is a rate, or stands for no limit. */
  public static boolean isValid(long bytesPerSecond) {
    return bytesPerSecond == UNLIMITED || bytesPerSecond >= MIN_BYTES_PER_SECOND;
  }

  public long uploadBytesPerSecond() {
    return upload.bytesPerSecond();
  }

  public long downloadBytesPerSecond() {
    return download.bytesPerSecond();
  }

  /**
   * Changes the rate of uploads.
   *
   * @throws IllegalArgumentException as the constructor; nothing is changed then
   */
  public void setUpload(long bytesPerSecond) {
    set("upload", upload, bytesPerSecond);
  }

  /**
   * Changes the rate of downloads.
   *
   * @throws IllegalArgumentException as the constructor; nothing is changed then
   */
  public void setDownload(long bytesPerSecond) {
    set("download", download, bytesPerSecond);
  }

  RateLimit upload() {
    return upload;
  }

  RateLimit download() {
    return download;
  }

  private static void set(String direction, RateLimit limit, long bytesPerSecond) {
    long before = limit.bytesPerSecond();
    limit.set(require(direction, bytesPerSecond));
    LOG.info(
        "rate_limit_changed direction={} from_bytes_per_second={} to_bytes_per_second={}",
        direction,
        before,
        bytesPerSecond);
  }

  private static long require(String direction, long bytesPerSecond) {
    if (!isValid(bytesPerSecond)) {
      throw new IllegalArgumentException(
          "invalid "
              + direction
              + " limit in bytes per second: expected 0 for none, or "
              + MIN_BYTES_PER_SECOND
              + " or more, got "
              + bytesPerSecond);
    }
    return bytesPerSecond;
  }
}
