package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;

/**
 * Records that were given up because the disk was full and the store did not take them. Half-open:
 * {@code [fromOffset, toOffset)}.
 *
 * @param segments how many segments they were
 * @param bytes size of their logs
 * @param maxTimestampMillis of the newest record among them, -1 if none has one
 * @param droppedAtMillis when the last of them were given up
 * @param reason in words
 */
public record Gap(
    PartitionId partition,
    long fromOffset,
    long toOffset,
    long segments,
    long bytes,
    long maxTimestampMillis,
    long droppedAtMillis,
    String reason) {

  public Gap {
    if (fromOffset < 0 || toOffset <= fromOffset || segments < 0 || bytes < 0) {
      throw new IllegalArgumentException(
          "invalid gap: expected 0 <= fromOffset < toOffset, segments >= 0 and bytes >= 0, got"
              + " partition="
              + partition
              + " fromOffset="
              + fromOffset
              + " toOffset="
              + toOffset
              + " segments="
              + segments
              + " bytes="
              + bytes);
    }
  }

  /** The gap that a segment leaves; an empty one leaves none, and cannot be asked. */
  public static Gap of(SegmentMetadata segment, long droppedAtMillis, String reason) {
    return new Gap(
        segment.id().partition(),
        segment.id().baseOffset(),
        segment.endOffset(),
        1,
        segment.sizeBytes(),
        segment.maxTimestampMillis(),
        droppedAtMillis,
        reason);
  }

  /** The segment that began where the gap begins. */
  public SegmentId first() {
    return new SegmentId(partition, fromOffset);
  }

  public boolean contains(long offset) {
    return fromOffset <= offset && offset < toOffset;
  }

  /** Both as one; they have to touch. */
  Gap plus(Gap later) {
    return new Gap(
        partition,
        fromOffset,
        Math.max(toOffset, later.toOffset),
        segments + later.segments,
        bytes + later.bytes,
        Math.max(maxTimestampMillis, later.maxTimestampMillis),
        Math.max(droppedAtMillis, later.droppedAtMillis),
        later.reason);
  }

  /** What is left of it in the range, with as large a share of the figures as of the offsets. */
  Gap within(long from, long to, long leftSegments, long leftBytes) {
    return new Gap(
        partition, from, to, leftSegments, leftBytes, maxTimestampMillis, droppedAtMillis, reason);
  }
}
