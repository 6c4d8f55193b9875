package io.takhin.console.deletion;

import io.takhin.tiered.archive.Hold;
import io.takhin.tiered.archive.Holds;
import io.takhin.tiered.segment.SegmentId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A hold in a REST answer.
 *
 * @param partition null for all partitions
 * @param fromOffset null for the first there is
 * @param toOffset after the last that is held; null for all that ever come
 */
record HoldDetail(
    String name,
    String topic,
    @Nullable Integer partition,
    @Nullable Long fromOffset,
    @Nullable Long toOffset,
    String reason,
    Instant createdAt) {

  static HoldDetail of(Hold hold) {
    return new HoldDetail(
        hold.name(),
        hold.topic(),
        hold.partition().isPresent() ? hold.partition().getAsInt() : null,
        hold.fromOffset().isPresent() ? hold.fromOffset().getAsLong() : null,
        hold.toOffset().isPresent() ? hold.toOffset().getAsLong() : null,
        hold.reason(),
        Instant.ofEpochMilli(hold.createdAtMillis()));
  }

  /**
   * All of them.
   *
   * @param heldSegments how many segments they keep
   */
  record Listing(List<HoldDetail> holds, long heldSegments) {}

  /**
   * What came of setting one.
   *
   * @param tooLate paths of segments it covers that were being removed at that moment
   */
  record Placed(HoldDetail hold, List<String> tooLate) {
    static Placed of(Holds.Placement placement) {
      return new Placed(
          HoldDetail.of(placement.hold()),
          placement.tooLate().stream().map(segment -> segment.id()).map(SegmentId::path).toList());
    }
  }
}
