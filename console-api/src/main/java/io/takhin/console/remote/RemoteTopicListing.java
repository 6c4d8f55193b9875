package io.takhin.console.remote;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of the bucket's listing, added up by topic. A topic may go on in the next stretch.
 *
 * @param requests what the stretch took of the store
 * @param next what to give as {@code after} for the next stretch; null at the end
 */
public record RemoteTopicListing(List<Topic> topics, int requests, @Nullable String next) {
  public RemoteTopicListing {
    topics = List.copyOf(topics);
  }

  /**
   * A topic that was created once; one that was created anew has another id.
   *
   * @param segments that are complete in the bucket
   * @param unfinished without a manifest: being copied or removed at this moment, or left over
   * @param bytes of all their objects
   */
  public record Topic(String topic, String topicId, long segments, long unfinished, long bytes) {}
}
