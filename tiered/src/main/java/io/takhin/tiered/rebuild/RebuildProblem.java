package io.takhin.tiered.rebuild;

/**
 * Something in the bucket, or beside it, that is not as it should be.
 *
 * @param subject the object's key or the segment
 * @param detail what was expected and what was found
 */
public record RebuildProblem(Kind kind, String subject, String detail) {
  /** What is wrong, and what becomes of the segment. */
  public enum Kind {
    /** The manifest cannot be understood. The segment is left out; the bucket keeps it. */
    UNREADABLE_MANIFEST,
    /** Nobody knows when the segment was deleted. It is taken in as one that was not. */
    UNREADABLE_TOMBSTONE,
    /** Nobody knows what was given up there. Readers of these offsets get an error. */
    UNREADABLE_GAP,
    /** Nobody knows what the hold keeps. It keeps nothing until its object can be read. */
    UNREADABLE_HOLD,
    /** The log is missing or has another size. The segment is left out; the bucket keeps it. */
    DAMAGED_LOG,
    /** An index is missing or has another size. The segment is taken in. */
    DAMAGED_INDEX,
    /** Somebody changed the manifest meanwhile: another process uses this prefix. Left out. */
    CHANGED_MEANWHILE,
    /** No segment holds these offsets, and no gap is recorded. */
    HOLE,
    /** Two segments hold the same offsets. Both are taken in. */
    OVERLAP,
    /**
     * The local log has another size. The local one stays, and the archiver refuses to archive it.
     */
    LOCAL_DIFFERS;

    /** Whether it may be as it was meant: retention and deletions leave holes as well. */
    public boolean isWarning() {
      return this == HOLE || this == OVERLAP;
    }
  }
}
