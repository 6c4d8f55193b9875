package io.takhin.tiered.verify;

/**
 * One record batch of a log.
 *
 * @param positionBytes where it begins in the log
 * @param lastOffset of its records, or the offset that it takes up when they are gone
 * @param maxTimestampMillis -1 if it has none
 * @param isOld of a message format before 2, of which only the size and one offset are known here
 * @param isEmpty compaction removed all its records
 */
record Batch(
    long positionBytes,
    long sizeBytes,
    long baseOffset,
    long lastOffset,
    long maxTimestampMillis,
    boolean isOld,
    boolean isEmpty) {

  long endBytes() {
    return positionBytes + sizeBytes;
  }
}
