package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.SegmentId;

/**
 * The second guard at the choke point: {@link SegmentState}'s methods keep an illegal move from
 * compiling, this keeps a state of one segment from being used for another one.
 */
final class LegalMoves {
  private LegalMoves() {}

  static void requireLegal(SegmentId id, SegmentState from, SegmentState to) {
    if (!isLegal(from, to)) {
      throw new IllegalArgumentException(
          "illegal move: segment=" + id + " from=" + from + " to=" + to);
    }
  }

  static void requireForgettable(SegmentId id, SegmentState from) {
    if (!(from instanceof SegmentState.Local || from instanceof SegmentState.Deleting)) {
      throw new IllegalArgumentException(
          "only local and deleting segments can be forgotten: segment=" + id + " from=" + from);
    }
  }

  private static boolean isLegal(SegmentState from, SegmentState to) {
    if (from instanceof SegmentState.Local) {
      return to instanceof SegmentState.Uploading;
    }
    if (from instanceof SegmentState.Uploading) {
      return to instanceof SegmentState.Archived || to instanceof SegmentState.Local;
    }
    boolean sameProof = from.receipt().equals(to.receipt());
    if (from instanceof SegmentState.Archived || from instanceof SegmentState.Restored) {
      if (to instanceof SegmentState.Local) {
        return true; // refuted
      }
      return sameProof
          && (to instanceof SegmentState.RemoteOnly || to instanceof SegmentState.Deleting);
    }
    return from instanceof SegmentState.RemoteOnly
        && sameProof
        && (to instanceof SegmentState.Restored || to instanceof SegmentState.Deleting);
  }
}
