package io.takhin.console.remote;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of segments in the order of their keys.
 *
 * @param segments may be fewer than asked for although more follow, because a page's work is
 *     bounded
 * @param requests what the page took of the store
 * @param next what to give as {@code after} for the next page; null at the end
 */
public record RemoteSegmentListing(List<Segment> segments, int requests, @Nullable String next) {
  public RemoteSegmentListing {
    segments = List.copyOf(segments);
  }

  /**
   * One copy of a segment. Two may be of the same offset, for a moment or after a change of leader.
   *
   * @param segmentId the broker's id of this copy
   * @param complete whether it has a manifest, which is written last and removed first
   * @param logBytes of the object with the records
   * @param bytes of all its objects
   * @param lastModified of the newest of them, by the store's clock
   * @param objectKey of the object with the records, whether it is there or not
   */
  public record Segment(
      String topic,
      String topicId,
      int partition,
      long baseOffset,
      String segmentId,
      boolean complete,
      long logBytes,
      long bytes,
      Instant lastModified,
      String objectKey) {}
}
