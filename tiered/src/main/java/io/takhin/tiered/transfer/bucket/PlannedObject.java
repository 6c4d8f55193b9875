package io.takhin.tiered.transfer.bucket;

/**
 * What a transfer would do with one object, told from the listings of both sides.
 *
 * @param sourceKey prefix included
 * @param targetKey prefix included; empty if it cannot be a key there
 */
public record PlannedObject(String sourceKey, String targetKey, long sizeBytes, Action action) {
  /** What would be done. */
  public enum Action {
    /** There is nothing at the target key. */
    COPY,
    /** Something else is there: the sizes differ. */
    REPLACE,
    /** Something of the same size is there: copied unless the checksums agree. */
    COMPARE,
    /** The key holds characters that this program does not carry. */
    REFUSE
  }
}
