package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import java.time.Duration;
import java.util.Optional;

/**
 * All that is known of one sealed segment; immutable, one instance per moment. Times are
 * milliseconds since the epoch, because a million of these are held in memory.
 *
 * @param endOffset offset after the last record: the segment holds {@code [baseOffset, endOffset)}
 * @param maxTimestampMillis largest record timestamp, -1 when there is none
 * @param sizeBytes size of the log file
 * @param lastModifiedMillis when the last record was written
 * @param lastAccessMillis when somebody last read it; equals lastModifiedMillis until then
 * @param tier what the policy said last
 */
public record SegmentMetadata(
    SegmentId id,
    long endOffset,
    long maxTimestampMillis,
    long sizeBytes,
    long lastModifiedMillis,
    long lastAccessMillis,
    Tier tier,
    SegmentState state) {

  public SegmentMetadata {
    if (endOffset < id.baseOffset() || sizeBytes < 0) {
      throw new IllegalArgumentException(
          "invalid segment: id="
              + id
              + " endOffset="
              + endOffset
              + " (expected >= baseOffset) sizeBytes="
              + sizeBytes
              + " (expected >= 0)");
    }
  }

  /** A segment that was just sealed and is nowhere but here. */
  public static SegmentMetadata sealed(
      SegmentId id,
      long endOffset,
      long maxTimestampMillis,
      long sizeBytes,
      long lastModifiedMillis) {
    return new SegmentMetadata(
        id,
        endOffset,
        maxTimestampMillis,
        sizeBytes,
        lastModifiedMillis,
        lastModifiedMillis,
        Tier.HOT,
        new SegmentState.Local());
  }

  /** The same under an equal id that shares its partition with others. */
  SegmentMetadata withId(SegmentId equal) {
    return new SegmentMetadata(
        equal,
        endOffset,
        maxTimestampMillis,
        sizeBytes,
        lastModifiedMillis,
        lastAccessMillis,
        tier,
        state);
  }

  public SegmentMetadata withState(SegmentState next) {
    return new SegmentMetadata(
        id,
        endOffset,
        maxTimestampMillis,
        sizeBytes,
        lastModifiedMillis,
        lastAccessMillis,
        tier,
        next);
  }

  SegmentMetadata withSizeBytes(long next) {
    return new SegmentMetadata(
        id, endOffset, maxTimestampMillis, next, lastModifiedMillis, lastAccessMillis, tier, state);
  }

  public SegmentMetadata withTier(Tier next) {
    return new SegmentMetadata(
        id,
        endOffset,
        maxTimestampMillis,
        sizeBytes,
        lastModifiedMillis,
        lastAccessMillis,
        next,
        state);
  }

  public SegmentMetadata withLastAccessMillis(long next) {
    return new SegmentMetadata(
        id, endOffset, maxTimestampMillis, sizeBytes, lastModifiedMillis, next, tier, state);
  }

  /**
   * The moment from which age counts: the last write, or for a restored segment the last access,
   * because otherwise the next policy run would undo the restore.
   */
  public long ageBaseMillis() {
    return state instanceof SegmentState.Restored ? lastAccessMillis : lastModifiedMillis;
  }

  public Duration age(long nowMillis) {
    return Duration.ofMillis(Math.max(0, nowMillis - ageBaseMillis()));
  }

  /** True when the bucket holds the only copy. */
  public boolean isArchived() {
    return state instanceof SegmentState.RemoteOnly;
  }

  /** Key of the log object, once there is one. */
  public Optional<ObjectKey> objectKey() {
    return state.receipt().map(receipt -> receipt.log().key());
  }
}
