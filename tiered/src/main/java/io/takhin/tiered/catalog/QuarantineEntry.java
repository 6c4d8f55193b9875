package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.SegmentId;

/**
 * What is known against one segment. As a note of the catalog, by the segment's path:
 *
 * <pre>
 * {
 *   "segment" : "orders-0/00000000000000000000.log",
 *   "stage" : "archive",                      a {@link QuarantineStage}
 *   "reason" : "size changed: …",
 *   "first_failed_at_millis" : 1767225600000, milliseconds since the epoch, as all times
 *   "last_failed_at_millis" : 1767225900000,
 *   "attempts" : 5,
 *   "next_attempt_at_millis" : 1767226200000  {@link #NEVER} once it is quarantined
 * }
 * </pre>
 *
 * @param reason of the last failure, one line; shortened to {@link #MAX_REASON_CHARS}
 * @param attempts that failed, 1 or more
 * @param nextAttemptAtMillis when it may be tried again by itself; {@link #NEVER} if it is
 *     quarantined
 */
public record QuarantineEntry(
    SegmentId segment,
    QuarantineStage stage,
    String reason,
    long firstFailedAtMillis,
    long lastFailedAtMillis,
    int attempts,
    long nextAttemptAtMillis) {
  /** No attempt until somebody asks for one. */
  public static final long NEVER = Long.MAX_VALUE;

  static final int MAX_REASON_CHARS = 500;

  static final Notes.Format<QuarantineEntry> FORMAT =
      new JsonFormat<>("quarantine", Fields.class, Fields::of, Fields::toEntry);

  public QuarantineEntry {
    if (attempts < 1) {
      throw new IllegalArgumentException("invalid attempts: expected 1 or more, got " + attempts);
    }
    reason = oneLine(reason);
  }

  /** Whether it is left alone until somebody asks. */
  public boolean isQuarantined() {
    return nextAttemptAtMillis == NEVER;
  }

  private static String oneLine(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return line.length() <= MAX_REASON_CHARS ? line : line.substring(0, MAX_REASON_CHARS - 1) + "…";
  }

  /** The JSON's fields. */
  private record Fields(
      String segment,
      String stage,
      String reason,
      long firstFailedAtMillis,
      long lastFailedAtMillis,
      int attempts,
      long nextAttemptAtMillis) {
    static Fields of(QuarantineEntry entry) {
      return new Fields(
          entry.segment.path(),
          entry.stage.label(),
          entry.reason,
          entry.firstFailedAtMillis,
          entry.lastFailedAtMillis,
          entry.attempts,
          entry.nextAttemptAtMillis);
    }

    QuarantineEntry toEntry() {
      return new QuarantineEntry(
          SegmentId.parse(segment),
          QuarantineStage.of(stage),
          reason,
          firstFailedAtMillis,
          lastFailedAtMillis,
          attempts,
          nextAttemptAtMillis);
    }
  }
}
