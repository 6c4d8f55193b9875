package io.takhin.tiered.verify;

import io.takhin.tiered.segment.SegmentId;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something that is wrong, and what became of it.
 *
 * @param segment null where none can be told
 * @param where key of the object, or path of the file
 * @param how what was done, or why nothing was
 */
public record Finding(
    FindingKind kind,
    @Nullable SegmentId segment,
    String where,
    String expected,
    String actual,
    Outcome outcome,
    String how) {

  /** What became of a finding. */
  public enum Outcome {
    /** Nothing was done about it, as nothing was asked. */
    REPORTED,
    /** It was repaired, and looked at again. */
    REPAIRED,
    /** It could not be repaired now; a later run can. */
    DEFERRED,
    /** It cannot be repaired; the segment is quarantined, and nothing of it was deleted. */
    QUARANTINED;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public boolean isRepaired() {
    return outcome == Outcome.REPAIRED;
  }
}
