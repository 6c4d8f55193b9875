package io.takhin.broker.log;

/**
 * What a partition holds of which nothing is local: archived records from {@code startOffset} up to
 * and without {@code nextOffset}, where the next append goes. Both are equal when it holds nothing.
 */
public record AdoptedLog(long startOffset, long nextOffset) {
  /** A partition that never had a record. */
  static final AdoptedLog EMPTY = new AdoptedLog(0, 0);

  public AdoptedLog {
    if (startOffset < 0 || nextOffset < startOffset) {
      throw new IllegalArgumentException(
          "not the offsets of a log: expected 0 <= startOffset <= nextOffset, got startOffset="
              + startOffset
              + " nextOffset="
              + nextOffset);
    }
  }
}
