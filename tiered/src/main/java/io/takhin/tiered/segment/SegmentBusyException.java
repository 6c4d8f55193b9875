package io.takhin.tiered.segment;

/**
 * The segment cannot move now, and asking again later can succeed: it is still being written, a
 * reader holds it, its minimum residency has not passed, an older segment has to go first, or too
 * much is queued already.
 */
public final class SegmentBusyException extends Exception {
  private final SegmentId id;

  public SegmentBusyException(SegmentId id, String why) {
    super("segment cannot move now: segment=" + id + " reason=" + why);
    this.id = id;
  }

  public SegmentId id() {
    return id;
  }
}
