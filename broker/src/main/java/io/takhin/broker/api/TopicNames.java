package io.takhin.broker.api;

import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;

/** Kafka's rules for the names of topics. */
final class TopicNames {
  private TopicNames() {}

  static boolean isInternal(String name) {
    return Topic.isInternal(name);
  }

  /** Throws when clients may not create, delete or write a topic of that name. */
  static void checkOpen(String name) {
    Topic.validate(name);
    if (isInternal(name)) {
      throw new InvalidTopicException("topic " + name + " belongs to the broker");
    }
  }
}
