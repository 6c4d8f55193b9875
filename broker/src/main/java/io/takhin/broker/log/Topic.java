package io.takhin.broker.log;

import java.util.Map;
import org.apache.kafka.common.Uuid;

/**
 * A topic as it was created.
 *
 * @param id never changes, and is never given to another topic
 * @param config what was set for this topic, by Kafka's names; everything else has its default
 */
public record Topic(String name, Uuid id, int partitions, Map<String, String> config) {
  public Topic {
    if (partitions < 1) {
      throw new IllegalArgumentException("partitions: expected at least 1, got " + partitions);
    }
    config = Map.copyOf(config);
  }

  Topic withConfig(Map<String, String> changed) {
    return new Topic(name, id, partitions, changed);
  }

  Topic withPartitions(int count) {
    return new Topic(name, id, count, config);
  }
}
