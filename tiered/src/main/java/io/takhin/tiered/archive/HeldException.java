package io.takhin.tiered.archive;

import io.takhin.tiered.segment.SegmentId;

/** What was to be removed is kept by a hold, which nothing overrides but its release. */
public final class HeldException extends Exception {
  private final Hold hold;

  HeldException(SegmentId id, Hold hold) {
    this("segment=" + id, hold);
  }

  /**
   * @param what was to be removed, as {@code key=value}
   */
  public HeldException(String what, Hold hold) {
    super(
        "kept by a hold: "
            + what
            + " hold="
            + hold.name()
            + " reason=\""
            + hold.reason()
            + "\"; `takhin holds release "
            + hold.name()
            + "` ends it");
    this.hold = hold;
  }

  public Hold hold() {
    return hold;
  }
}
