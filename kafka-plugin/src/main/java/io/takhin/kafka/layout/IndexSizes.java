package io.takhin.kafka.layout;

import java.util.function.ToIntFunction;

/**
 * How many bytes each of a segment's indexes has; 0 where there is none.
 *
 * @param offset of the offset index, and so on, see {@link IndexKind}
 */
public record IndexSizes(
    int offset, int time, int transaction, int leaderEpoch, int producerSnapshot) {
  /**
   * @throws IllegalArgumentException if one is negative, or all together exceed {@link
   *     Integer#MAX_VALUE}
   */
  public IndexSizes {
    long sum = 0;
    for (int bytes : new int[] {offset, time, transaction, leaderEpoch, producerSnapshot}) {
      if (bytes < 0) {
        throw new IllegalArgumentException("negative size of an index: " + bytes);
      }
      sum += bytes;
    }
    if (sum > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "indexes too large: expected at most " + Integer.MAX_VALUE + " bytes, got " + sum);
    }
  }

  /** Asks for each size once, in the order of {@link IndexKind}. */
  static IndexSizes of(ToIntFunction<IndexKind> size) {
    return new IndexSizes(
        size.applyAsInt(IndexKind.OFFSET),
        size.applyAsInt(IndexKind.TIME),
        size.applyAsInt(IndexKind.TRANSACTION),
        size.applyAsInt(IndexKind.LEADER_EPOCH),
        size.applyAsInt(IndexKind.PRODUCER_SNAPSHOT));
  }

  public int of(IndexKind kind) {
    return switch (kind) {
      case OFFSET -> offset;
      case TIME -> time;
      case TRANSACTION -> transaction;
      case LEADER_EPOCH -> leaderEpoch;
      case PRODUCER_SNAPSHOT -> producerSnapshot;
    };
  }

  int sum() {
    return offset + time + transaction + leaderEpoch + producerSnapshot;
  }
}
