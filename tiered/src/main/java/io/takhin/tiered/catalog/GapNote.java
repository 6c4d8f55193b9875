package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.PartitionId;

/**
 * A gap as the catalog keeps it.
 *
 * @param status what the bucket knows of it
 */
record GapNote(Gap gap, Status status) {
  static final Notes.Format<GapNote> FORMAT =
      new JsonFormat<>("gap", Fields.class, Fields::of, Fields::toNote);

  /** What the bucket knows of a gap. */
  enum Status {
    /** Nothing yet, or what it was before. */
    NEW,
    /** The gap as it is. */
    PUBLISHED,
    /** The gap is none any more, for readers neither; its object is still to be removed. */
    RETIRED
  }

  boolean isCurrent() {
    return status != Status.RETIRED;
  }

  /** The JSON's fields. */
  private record Fields(
      String topic,
      int partition,
      long fromOffset,
      long toOffset,
      long segments,
      long bytes,
      long maxTimestampMillis,
      long droppedAtMillis,
      String reason,
      Status status) {
    static Fields of(GapNote note) {
      Gap gap = note.gap;
      return new Fields(
          gap.partition().topic(),
          gap.partition().partition(),
          gap.fromOffset(),
          gap.toOffset(),
          gap.segments(),
          gap.bytes(),
          gap.maxTimestampMillis(),
          gap.droppedAtMillis(),
          gap.reason(),
          note.status);
    }

    GapNote toNote() {
      Gap gap =
          new Gap(
              new PartitionId(topic, partition),
              fromOffset,
              toOffset,
              segments,
              bytes,
              maxTimestampMillis,
              droppedAtMillis,
              reason);
      return new GapNote(gap, status);
    }
  }
}
