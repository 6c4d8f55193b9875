package io.takhin.console.deletion;

import io.takhin.tiered.Deletions.Deleted;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A deleted segment in a REST answer.
 *
 * @param purgeAt its objects stay at least until then
 * @param heldBy the hold that keeps it, also after that time; null for none
 * @param retainedBecause why the store did not let its objects go; null if it did not refuse
 */
record DeletedDetail(
    String segmentPath,
    long sizeBytes,
    Instant deletedAt,
    Instant purgeAt,
    @Nullable String heldBy,
    @Nullable String retainedBecause) {

  static DeletedDetail of(Deleted deleted) {
    return new DeletedDetail(
        deleted.segment().id().path(),
        deleted.segment().sizeBytes(),
        deleted.deletedAt(),
        deleted.purgeAt(),
        deleted.hold().map(hold -> hold.name()).orElse(null),
        deleted.refusal().orElse(null));
  }

  /**
   * Those that are to go first.
   *
   * @param totalSegments how many there are, of all topics
   * @param totalSizeBytes bytes of their logs
   */
  record Listing(List<DeletedDetail> segments, long totalSegments, long totalSizeBytes) {}
}
