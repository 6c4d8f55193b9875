package io.takhin.kafka;

import io.takhin.kafka.copy.LocalSegment;
import io.takhin.kafka.layout.IndexKind;
import io.takhin.kafka.layout.RemoteManifest;
import io.takhin.kafka.layout.RemoteSegmentId;
import io.takhin.kafka.layout.SegmentLayout;
import io.takhin.tiered.segment.SegmentId;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.server.log.remote.storage.LogSegmentData;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata.CustomMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteStorageManager.IndexType;

/** Kafka's words for segments, in ours. */
final class KafkaSegments {
  private KafkaSegments() {}

  static RemoteSegmentId id(RemoteLogSegmentMetadata segment) {
    TopicIdPartition partition = segment.remoteLogSegmentId().topicIdPartition();
    return new RemoteSegmentId(
        SegmentId.of(partition.topic(), partition.partition(), segment.startOffset()),
        partition.topicId().toString(),
        segment.remoteLogSegmentId().id().toString());
  }

  /**
   * Where the segment lies and what it is.
   *
   * @return empty if Kafka has nothing from us: it was never told that the copy is complete
   * @throws IllegalArgumentException if it is not ours, or damaged
   */
  static Optional<SegmentLayout> layout(RemoteLogSegmentMetadata segment) {
    return segment.customMetadata().map(CustomMetadata::value).map(SegmentLayout::parse);
  }

  static CustomMetadata customMetadata(SegmentLayout layout) {
    return new CustomMetadata(layout.toBytes());
  }

  static RemoteManifest.Facts facts(
      RemoteLogSegmentMetadata segment, int brokerId, long nowMillis) {
    return new RemoteManifest.Facts(
        segment.endOffset() + 1, segment.maxTimestampMs(), brokerId, nowMillis);
  }

  static LocalSegment files(LogSegmentData data) {
    Map<IndexKind, Path> indexes = new EnumMap<>(IndexKind.class);
    indexes.put(IndexKind.OFFSET, data.offsetIndex());
    indexes.put(IndexKind.TIME, data.timeIndex());
    indexes.put(IndexKind.PRODUCER_SNAPSHOT, data.producerSnapshotIndex());
    data.transactionIndex().ifPresent(file -> indexes.put(IndexKind.TRANSACTION, file));
    return new LocalSegment(data.logSegment(), indexes, data.leaderEpochIndex());
  }

  static IndexKind kind(IndexType type) {
    return switch (type) {
      case OFFSET -> IndexKind.OFFSET;
      case TIMESTAMP -> IndexKind.TIME;
      case PRODUCER_SNAPSHOT -> IndexKind.PRODUCER_SNAPSHOT;
      case TRANSACTION -> IndexKind.TRANSACTION;
      case LEADER_EPOCH -> IndexKind.LEADER_EPOCH;
    };
  }
}
