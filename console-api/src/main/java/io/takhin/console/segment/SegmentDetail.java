package io.takhin.console.segment;

import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.read.ReadDecision;
import io.takhin.tiered.store.ObjectKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A segment in a REST answer. What concerns the bucket is null, and {@code files} empty, until the
 * copy there is proved.
 *
 * @param policy {@code hot}, {@code warm} or {@code cold}: what the policy said last
 * @param isArchived true when the bucket holds the only copy
 * @param sizeBytes size of the log file
 * @param endOffset offset after the last record
 * @param maxTimestamp largest record timestamp; null when there is none
 * @param ageSeconds since the last write, or for a restored segment since the last access
 * @param objectKey key of the log object
 * @param checksum of the log object, {@code crc32c:} and eight hexadecimal digits
 * @param reading whether reads of it are streamed, and why; null when none was since the start
 */
public record SegmentDetail(
    String segmentPath,
    String policy,
    boolean isArchived,
    String state,
    long sizeBytes,
    long baseOffset,
    long endOffset,
    @Nullable Instant maxTimestamp,
    Instant lastModified,
    Instant lastAccess,
    long ageSeconds,
    @Nullable String objectKey,
    @Nullable String checksum,
    @Nullable String manifestKey,
    @Nullable Instant archivedAt,
    List<File> files,
    Explanation explanation,
    @Nullable Reading reading) {

  /** One object of the segment, in upload order. */
  public record File(String kind, String objectKey, long sizeBytes, String checksum) {}

  /**
   * How readers are served who want a segment that only the bucket has.
   *
   * @param restore whether it was, or is being, restored in the background
   * @param servedBytes what was given of its log since it was last local
   * @param coverage share of it that was asked for out of order, 0 to 1
   */
  public record Reading(
      boolean restore, String reason, long servedBytes, double coverage, Instant decidedAt) {
    static Reading of(ReadDecision decision) {
      return new Reading(
          decision.restore(),
          decision.reason(),
          decision.servedBytes(),
          decision.coverage(),
          Instant.ofEpochMilli(decision.decidedAtMillis()));
    }
  }

  static SegmentDetail of(
      SegmentMetadata segment,
      Explanation explanation,
      Optional<ReadDecision> decision,
      long nowMillis) {
    Optional<Receipt> receipt = segment.state().receipt();
    return new SegmentDetail(
        segment.id().path(),
        segment.tier().label(),
        segment.isArchived(),
        segment.state().label(),
        segment.sizeBytes(),
        segment.id().baseOffset(),
        segment.endOffset(),
        segment.maxTimestampMillis() < 0
            ? null
            : Instant.ofEpochMilli(segment.maxTimestampMillis()),
        Instant.ofEpochMilli(segment.lastModifiedMillis()),
        Instant.ofEpochMilli(segment.lastAccessMillis()),
        segment.age(nowMillis).toSeconds(),
        segment.objectKey().map(ObjectKey::value).orElse(null),
        receipt.map(proof -> proof.log().checksum().toString()).orElse(null),
        receipt.map(proof -> proof.manifest().value()).orElse(null),
        receipt.map(proof -> Instant.ofEpochMilli(proof.committedAtMillis())).orElse(null),
        receipt.stream().flatMap(proof -> proof.files().stream()).map(SegmentDetail::file).toList(),
        explanation,
        decision.map(Reading::of).orElse(null));
  }

  private static File file(Receipt.ArchivedFile file) {
    return new File(
        file.kind().extension(), file.key().value(), file.sizeBytes(), file.checksum().toString());
  }
}
