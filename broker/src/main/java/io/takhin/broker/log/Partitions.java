package io.takhin.broker.log;

import io.takhin.broker.tiering.LocalPartitions;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The open logs. Lookups take no lock. */
final class Partitions implements LocalPartitions {
  private final ConcurrentMap<TopicPartition, PartitionLog> logs = new ConcurrentHashMap<>();
  private final Checkpoints checkpoints;

  Partitions(Checkpoints checkpoints) {
    this.checkpoints = checkpoints;
  }

  void add(PartitionLog log) {
    logs.put(log.partition(), log);
  }

  Optional<PartitionLog> remove(TopicPartition partition) {
    return Optional.ofNullable(logs.remove(partition));
  }

  Optional<PartitionLog> find(TopicPartition partition) {
    return Optional.ofNullable(logs.get(partition));
  }

  Collection<PartitionLog> all() {
    return logs.values();
  }

  @Override
  public boolean freeLocal(TopicPartition partition, long baseOffset) throws IOException {
    PartitionLog log = logs.get(partition);
    return log != null && log.freeLocal(baseOffset);
  }

  /** One at a time, so that an older start never replaces a newer one on disk. */
  @Override
  public synchronized void advanceLogStart(TopicPartition partition, long logStartOffset)
      throws IOException {
    PartitionLog log = logs.get(partition);
    if (log == null) {
      throw new UnknownTopicOrPartitionException("no such partition: " + partition);
    }
    if (logStartOffset > log.endOffset()) {
      throw new OffsetOutOfRangeException(
          "cannot start "
              + partition
              + " at "
              + logStartOffset
              + ": it ends at "
              + log.endOffset());
    }
    if (logStartOffset > log.startOffset()) {
      try {
        checkpoints.setStart(partition, logStartOffset);
      } catch (KafkaStorageException e) {
        throw new IOException("cannot move the start of " + partition, e);
      }
      log.advanceStart(logStartOffset);
    }
  }

  @Override
  public void lost(TopicPartition partition, long fromOffset, long toOffset) throws IOException {
    PartitionLog log = logs.get(partition);
    if (log != null
        && log.startOffset() >= fromOffset
        && log.startOffset() < toOffset
        && log.localStartOffset() >= toOffset) {
      advanceLogStart(partition, toOffset);
    }
  }

  /** Best effort: an old recovery point costs time after a crash, not data. */
  void checkpointRecoveryPoints() {
    Map<TopicPartition, Long> points = new HashMap<>();
    logs.forEach((partition, log) -> points.put(partition, log.unifiedLog().recoveryPoint()));
    checkpoints.writeRecoveryPoints(points);
  }
}
