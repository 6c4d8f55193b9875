package io.takhin.console.isolation;

import io.takhin.tiered.catalog.QuarantineEntry;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is held against one segment, in a REST answer.
 *
 * @param stage what failed: archive, reclaim, delete, read or verify
 * @param quarantined false while it is still tried again by itself
 * @param attempts that failed
 * @param nextAttempt when it may be tried again by itself; null once it is quarantined
 */
record QuarantineDetail(
    String segmentPath,
    String stage,
    boolean quarantined,
    String reason,
    Instant firstFailed,
    Instant lastFailed,
    int attempts,
    @Nullable Instant nextAttempt) {
  static QuarantineDetail of(QuarantineEntry entry) {
    return new QuarantineDetail(
        entry.segment().path(),
        entry.stage().label(),
        entry.isQuarantined(),
        entry.reason(),
        Instant.ofEpochMilli(entry.firstFailedAtMillis()),
        Instant.ofEpochMilli(entry.lastFailedAtMillis()),
        entry.attempts(),
        entry.isQuarantined() ? null : Instant.ofEpochMilli(entry.nextAttemptAtMillis()));
  }

  /**
   * @param total held against segments in all; as many as fit are listed
   */
  record Listing(int total, List<QuarantineDetail> segments) {}

  /**
   * @param retried segments that are tried again now
   */
  record Retried(int retried) {}
}
