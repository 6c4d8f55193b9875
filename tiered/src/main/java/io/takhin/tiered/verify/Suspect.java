package io.takhin.tiered.verify;

import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.verify.Finding.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What one look found wrong, before it is confirmed.
 *
 * @param file which of the segment's files; null for a manifest or a row
 * @param where key of the object, or path of the file
 */
record Suspect(
    FindingKind kind, @Nullable FileKind file, String where, String expected, String actual) {

  Finding finding(SegmentId id, Outcome outcome, String how) {
    return new Finding(kind, id, where, expected, actual, outcome, how);
  }

  /** Whether another look found the same. */
  boolean isSame(Suspect other) {
    return kind == other.kind && where.equals(other.where);
  }
}
