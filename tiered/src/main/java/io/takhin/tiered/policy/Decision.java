package io.takhin.tiered.policy;

import io.takhin.tiered.catalog.Tier;

/**
 * What the policy says of a segment at one moment.
 *
 * @param tier where the segment belongs
 * @param action what is to be done now
 * @param nextDueMillis first moment, in milliseconds since the epoch, at which the answer can be
 *     another although the segment's state stays as it is; {@link #NEVER} if there is none
 */
public record Decision(Tier tier, Action action, long nextDueMillis) {
  /** Time alone changes nothing. */
  public static final long NEVER = Long.MAX_VALUE;

  /** What the engine does about a segment. */
  public enum Action {
    /** Nothing. */
    NONE,
    /** Copy to the bucket, prove the copy, and free the local files when that is allowed. */
    ARCHIVE,
    /** Free the local files; the bucket has a proved copy. */
    RECLAIM
  }
}
