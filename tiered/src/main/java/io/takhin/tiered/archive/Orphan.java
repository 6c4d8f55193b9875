package io.takhin.tiered.archive;

import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import java.time.Instant;
import java.util.Locale;

/**
 * Something of ours in the bucket that nothing names and nobody is at work on.
 *
 * @param version the object's ETag, or the upload's id; what is removed has to be this one still
 * @param sizeBytes of the object; 0 for an upload, whose parts no listing tells
 * @param since when it was written or begun, by the store's clock
 */
public record Orphan(
    Reason reason, SegmentId id, ObjectKey key, String version, long sizeBytes, Instant since) {

  /** Why nobody needs it. */
  public enum Reason {
    /** No manifest lies beside it, so it was never part of a segment that can be read. */
    NO_MANIFEST,
    /** The manifest beside it does not name it. */
    NOT_NAMED,
    /** An upload in parts that was neither completed nor aborted. */
    ABANDONED_UPLOAD;

    /** The name in REST answers and metrics. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
