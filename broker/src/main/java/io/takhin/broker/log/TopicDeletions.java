package io.takhin.broker.log;

import io.takhin.broker.tiering.Tiering;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Topics that are gone for clients and have left something behind. The caller serialises {@link
 * #finish} with other changes of topics.
 */
final class TopicDeletions {
  private static final Logger LOG = LoggerFactory.getLogger(TopicDeletions.class);

  private final TopicFiles files;
  private final TopicLogs logs;
  private final Tiering tiering;
  private final ConcurrentMap<String, Topic> deleting = new ConcurrentHashMap<>();

  TopicDeletions(TopicFiles files, TopicLogs logs, Tiering tiering) {
    this.files = files;
    this.logs = logs;
    this.tiering = tiering;
  }

  void add(Topic topic) {
    deleting.put(topic.name(), topic);
  }

  boolean contains(String name) {
    return deleting.containsKey(name);
  }

  /** Removes what deleted topics left behind; tried again later where it fails. */
  void finish() {
    for (Topic topic : List.copyOf(deleting.values())) {
      try {
        logs.delete(topic, 0);
        tiering.topicDeleted(topic.name());
        files.remove(topic.name());
        deleting.remove(topic.name());
      } catch (IOException | RuntimeException e) {
        LOG.warn("deleting a topic is not finished, will be retried: topic={}", topic.name(), e);
      }
    }
  }
}
