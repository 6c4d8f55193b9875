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

  /**
   * The state with another proof of the same log bytes.
   *
   * @throws IllegalArgumentException if it has no proof to replace, or the other is of another log
   */
  static SegmentState amended(SegmentId id, SegmentState state, Receipt other) {
    boolean sameLog =
        state
            .receipt()
            .map(
                proof ->
                    proof.manifestKey().equals(other.manifestKey())
                        && proof.log().checksum().equals(other.log().checksum()))
            .orElse(false);
    if (sameLog && state instanceof SegmentState.Archived archived) {
      return archived.amend(other);
    }
    if (sameLog && state instanceof SegmentState.RemoteOnly remote) {
      return remote.amend(other);
    }
    if (sameLog && state instanceof SegmentState.Restored restored) {
      return restored.amend(other);
    }
    throw new IllegalArgumentException(
        "a proof is replaced only by one of the same log: segment="
            + id
            + " state="
            + state
            + " other="
            + other);
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
    if (from instanceof SegmentState.Deleting before) {
      return sameProof
          && (to instanceof SegmentState.RemoteOnly // undeleted
              || (to instanceof SegmentState.Deleting after && isSameDeletion(before, after)));
    }
    return from instanceof SegmentState.RemoteOnly
        && sameProof
        && (to instanceof SegmentState.Restored || to instanceof SegmentState.Deleting);
  }

  /** Only whether there is a tombstone may change. */
  private static boolean isSameDeletion(SegmentState.Deleting from, SegmentState.Deleting to) {
    return to.equals(from.tombstoned(to.isTombstoned()));
  }
}
