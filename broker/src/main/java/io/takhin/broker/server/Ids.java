package io.takhin.broker.server;

import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import org.apache.kafka.common.TopicPartition;

/** The same names in Kafka's types and in the archiver's. */
final class Ids {
  private Ids() {}

  static PartitionId partition(TopicPartition partition) {
    return new PartitionId(partition.topic(), partition.partition());
  }

  static SegmentId segment(TopicPartition partition, long baseOffset) {
    return new SegmentId(partition(partition), baseOffset);
  }

  static TopicPartition topicPartition(PartitionId partition) {
    return new TopicPartition(partition.topic(), partition.partition());
  }
}
