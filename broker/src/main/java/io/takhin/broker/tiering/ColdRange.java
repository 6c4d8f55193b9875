package io.takhin.broker.tiering;

/**
 * An archived segment as far as a search by time and retention need to know it. Offsets are the
 * half-open range {@code [baseOffset, endOffset)}.
 *
 * @param sizeBytes the size of the {@code .log} file
 * @param maxTimestampMillis the largest record timestamp, or -1 when the segment has none
 * @param lastModifiedMillis the last write to it while it was the active one
 */
public record ColdRange(
    long baseOffset,
    long endOffset,
    long sizeBytes,
    long maxTimestampMillis,
    long lastModifiedMillis) {
  public ColdRange {
    if (baseOffset < 0 || endOffset <= baseOffset) {
      throw new IllegalArgumentException(
          "not a range of offsets: baseOffset=" + baseOffset + " endOffset=" + endOffset);
    }
  }
}
