package io.takhin.console.transfer;

import io.takhin.tiered.store.throttled.RateLimits;

/**
 * The limits on all transfers together, in a REST answer.
 *
 * @param uploadBytesPerSecond 0 for no limit
 * @param downloadBytesPerSecond 0 for no limit
 */
record LimitsDetail(long uploadBytesPerSecond, long downloadBytesPerSecond) {
  static LimitsDetail of(RateLimits limits) {
    return new LimitsDetail(limits.uploadBytesPerSecond(), limits.downloadBytesPerSecond());
  }
}
