package io.takhin.kafka.browse;

import io.takhin.console.remote.RemoteSegmentListing;
import io.takhin.console.remote.RemoteTopicListing;
import io.takhin.kafka.browse.BucketWalk.Stretch;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The bucket's listing below one prefix, for the console. Of a broker's own record it knows
 * nothing: Kafka keeps that, and offers plugins no way to ask.
 *
 * <p>Any thread; blocks for the store, for a bounded number of requests.
 */
public final class BucketView {
  /** 20,000 objects: some 7,000 segments. */
  private static final int MAX_REQUESTS_OF_SUMS = 20;

  private static final int MAX_REQUESTS_OF_PAGE = 10;

  private final ObjectStore store;
  private final String folder;

  /**
   * @param prefix of the keys
   */
  public BucketView(ObjectStore store, String prefix) {
    this.store = store;
    this.folder = prefix.isEmpty() ? "" : prefix + "/";
  }

  /** Adds up the next stretch by topic. */
  public RemoteTopicListing topics(@Nullable ObjectKey after) throws StoreException {
    Stretch stretch =
        new BucketWalk(store, folder, null, Integer.MAX_VALUE).from(after, MAX_REQUESTS_OF_SUMS);
    Map<String, RemoteTopicListing.Topic> topics = new LinkedHashMap<>();
    for (RemoteCopy copy : stretch.copies()) {
      topics.merge(copy.id().topicId(), only(copy), BucketView::sum);
    }
    return new RemoteTopicListing(
        topics.values().stream().toList(), stretch.requests(), text(stretch.next()));
  }

  private static RemoteTopicListing.Topic only(RemoteCopy copy) {
    return new RemoteTopicListing.Topic(
        copy.id().segment().partition().topic(),
        copy.id().topicId(),
        copy.complete() ? 1 : 0,
        copy.complete() ? 0 : 1,
        copy.bytes());
  }

  private static RemoteTopicListing.Topic sum(
      RemoteTopicListing.Topic one, RemoteTopicListing.Topic other) {
    return new RemoteTopicListing.Topic(
        one.topic(),
        one.topicId(),
        one.segments() + other.segments(),
        one.unfinished() + other.unfinished(),
        one.bytes() + other.bytes());
  }

  /** The next page of segments. */
  public RemoteSegmentListing segments(@Nullable String topic, @Nullable ObjectKey after, int limit)
      throws StoreException {
    Stretch stretch = new BucketWalk(store, folder, topic, limit).from(after, MAX_REQUESTS_OF_PAGE);
    return new RemoteSegmentListing(
        stretch.copies().stream().map(BucketView::segment).toList(),
        stretch.requests(),
        text(stretch.next()));
  }

  private static RemoteSegmentListing.Segment segment(RemoteCopy copy) {
    return new RemoteSegmentListing.Segment(
        copy.id().segment().partition().topic(),
        copy.id().topicId(),
        copy.id().segment().partition().partition(),
        copy.id().segment().baseOffset(),
        copy.id().copyId(),
        copy.complete(),
        copy.logBytes(),
        copy.bytes(),
        copy.lastModified(),
        copy.log().value());
  }

  private static @Nullable String text(@Nullable ObjectKey key) {
    return key == null ? null : key.value();
  }
}
