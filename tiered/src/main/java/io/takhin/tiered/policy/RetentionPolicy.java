package io.takhin.tiered.policy;

import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import java.util.Comparator;
import java.util.List;

/**
 * How much of a log is kept in all, on this machine and in the bucket together. Says where a log
 * should start; whoever has the log moves its start, durably, and deletes what is below.
 *
 * <p>Each record counts once, wherever it is, and how often: a segment that is here and archived,
 * or whose upload failed, is in flight or is repeated, weighs what its log file does. So nothing
 * that is not a sealed segment of the log can make another one be deleted.
 *
 * @param maxAgeMillis segments whose newest record is older go; {@link #UNLIMITED} for none
 * @param maxBytes oldest segments go for as long as what remains is at least this; {@link
 *     #UNLIMITED} for none
 */
public record RetentionPolicy(long maxAgeMillis, long maxBytes) {
  public static final long UNLIMITED = -1;

  /** Everything is kept for ever. */
  public static final RetentionPolicy NONE = new RetentionPolicy(UNLIMITED, UNLIMITED);

  public RetentionPolicy {
    if (maxAgeMillis < UNLIMITED || maxBytes < UNLIMITED) {
      throw new IllegalArgumentException(
          "retention: expected 0 or more, or -1 for no limit, got maxAgeMillis="
              + maxAgeMillis
              + " maxBytes="
              + maxBytes);
    }
  }

  /**
   * A sealed segment of the log.
   *
   * @param endOffset offset after the last record
   * @param sizeBytes of the log file
   * @param newestMillis largest timestamp of a record, or the last write where none has one
   */
  public record Sealed(long baseOffset, long endOffset, long sizeBytes, long newestMillis) {
    /** As the catalog knows it. */
    public static Sealed of(SegmentMetadata segment) {
      return new Sealed(
          segment.id().baseOffset(),
          segment.endOffset(),
          segment.sizeBytes(),
          segment.maxTimestampMillis() >= 0
              ? segment.maxTimestampMillis()
              : segment.lastModifiedMillis());
    }
  }

  /**
   * A log as it is now.
   *
   * @param startOffset where it starts
   * @param sealed in any order, and some more than once
   * @param activeBytes size of the segment that is written to, which always stays
   * @param firstHeldOffset the start never moves beyond it; {@link Long#MAX_VALUE} for none
   */
  public record Log(long startOffset, List<Sealed> sealed, long activeBytes, long firstHeldOffset) {
    public Log {
      sealed = List.copyOf(sealed);
    }

    /**
     * A log of which the catalog knows all sealed segments.
     *
     * @param segments deleted ones among them do not count
     */
    public static Log of(
        long startOffset, List<SegmentMetadata> segments, long activeBytes, long firstHeldOffset) {
      return new Log(
          startOffset,
          segments.stream()
              .filter(segment -> !(segment.state() instanceof SegmentState.Deleting))
              .map(Sealed::of)
              .toList(),
          activeBytes,
          firstHeldOffset);
    }

    /** Those above the start in their order, each once. */
    private List<Sealed> present() {
      long[] covered = {startOffset};
      return sealed.stream()
          .sorted(
              Comparator.comparingLong(Sealed::baseOffset)
                  .thenComparing(Sealed::endOffset, Comparator.reverseOrder()))
          .filter(
              segment -> {
                boolean isNew = segment.endOffset() > covered[0];
                covered[0] = Math.max(covered[0], segment.endOffset());
                return isNew;
              })
          .toList();
    }
  }

  /** The offset the log should start at, which is the present one when nothing is to go. */
  public long newLogStart(Log log, long nowMillis) {
    List<Sealed> present = log.present();
    long total = log.activeBytes();
    for (Sealed segment : present) {
      total += segment.sizeBytes();
    }
    long start = log.startOffset();
    for (Sealed segment : present) {
      long remaining = total - segment.sizeBytes();
      if (segment.endOffset() > log.firstHeldOffset()
          || !(isTooOld(segment, nowMillis) || isTooMuch(remaining))) {
        break;
      }
      total = remaining;
      start = segment.endOffset();
    }
    return start;
  }

  private boolean isTooOld(Sealed segment, long nowMillis) {
    return maxAgeMillis != UNLIMITED && nowMillis - segment.newestMillis() > maxAgeMillis;
  }

  private boolean isTooMuch(long remainingBytes) {
    return maxBytes != UNLIMITED && remainingBytes >= maxBytes;
  }
}
