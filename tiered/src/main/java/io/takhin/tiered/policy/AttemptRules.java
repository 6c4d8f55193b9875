package io.takhin.tiered.policy;

import io.takhin.tiered.segment.SegmentId;

/** What the engine has to know of failures; implemented by whoever counts them. Any thread. */
@FunctionalInterface
public interface AttemptRules {
  /** Whom the failure of an action befalls. */
  FailureScope scope(Throwable failure);

  /**
   * From when on the segment may be worked on by itself, in milliseconds since the epoch; {@link
   * Decision#NEVER} if not until somebody asks; at once unless an implementation says otherwise.
   * Must not block: it is asked on the catalog's writer thread.
   */
  default long mayTryAtMillis(SegmentId id) {
    return 0;
  }
}
