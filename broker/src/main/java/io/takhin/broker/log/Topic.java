package io.takhin.broker.log;

import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidPartitionsException;

/**
 * A topic as it was created.
 *
 * @param id never changes, and is never given to another topic
 * @param config what was set for this topic, by Kafka's names; everything else has its default
 */
public record Topic(String name, Uuid id, int partitions, Map<String, String> config) {
  /** Each partition costs open files and memory maps. */
  private static final int MAX_PARTITIONS = 1000;

  public Topic {
    if (partitions < 1) {
      throw new IllegalArgumentException("partitions: expected at least 1, got " + partitions);
    }
    config = Map.copyOf(config);
  }

  /**
   * @throws InvalidPartitionsException when a topic cannot have so many
   */
  static void requirePartitions(String topic, int least, int count) {
    if (count < least || count > MAX_PARTITIONS) {
      throw new InvalidPartitionsException(
          "partitions of "
              + topic
              + ": expected "
              + least
              + " to "
              + MAX_PARTITIONS
              + ", got "
              + count);
    }
  }

  Topic withConfig(Map<String, String> changed) {
    return new Topic(name, id, partitions, changed);
  }

  Topic withPartitions(int count) {
    return new Topic(name, id, count, config);
  }
}
