package io.takhin.broker.log;

import io.takhin.broker.tiering.Tiering;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes, opens and removes the logs of topics, each with its directory. The caller serialises the
 * changes of one topic, and keeps the topic's own file.
 */
final class TopicLogs {
  private static final Logger LOG = LoggerFactory.getLogger(TopicLogs.class);

  private final Path dataDir;
  private final LogFactory factory;
  private final Partitions partitions;
  private final Checkpoints checkpoints;
  private final LogMaintenance maintenance;
  private final Tiering tiering;

  TopicLogs(
      Path dataDir,
      LogFactory factory,
      Partitions partitions,
      Checkpoints checkpoints,
      LogMaintenance maintenance,
      Tiering tiering) {
    this.dataDir = dataDir;
    this.factory = factory;
    this.partitions = partitions;
    this.checkpoints = checkpoints;
    this.maintenance = maintenance;
    this.tiering = tiering;
  }

  /** Opens what an earlier run left. What cannot be opened is reported and stays unavailable. */
  void openAtStart(Topic topic, boolean cleanStop) {
    for (int i = 0; i < topic.partitions(); i++) {
      TopicPartition id = new TopicPartition(topic.name(), i);
      try {
        long start = checkpoints.start(id);
        long recoveryPoint = checkpoints.recoveryPoint(id);
        serve(factory.open(topic, i, start, recoveryPoint, cleanStop, tiering));
        if (start > 0) {
          // A crash may have come between the checkpoint and this call.
          tiering.logStartMoved(id, start);
        }
      } catch (IOException | KafkaException e) {
        LOG.error(
            "log cannot be opened, the partition is unavailable: partition={} directory={};"
                + " repair or remove the directory and restart",
            id,
            directory(id),
            e);
      }
    }
  }

  /** Makes the logs of the topic's partitions from the given one on, without records. */
  void create(Topic topic, int firstPartition) throws IOException {
    for (int i = firstPartition; i < topic.partitions(); i++) {
      serve(factory.open(topic, i, 0, 0, true, tiering));
    }
  }

  /** Makes all logs of the topic, without local records; durable when this returns. */
  void adopt(Topic topic, Map<Integer, AdoptedLog> logs) throws IOException {
    for (int i = 0; i < topic.partitions(); i++) {
      AdoptedLog log = logs.getOrDefault(i, AdoptedLog.EMPTY);
      serve(factory.adopt(topic, i, log, tiering));
      if (log.startOffset() > 0) {
        checkpoints.setStart(new TopicPartition(topic.name(), i), log.startOffset());
      }
    }
    partitions.checkpointRecoveryPoints();
  }

  /**
   * Lets logs start where their archived records do, if nothing is missing from there up to where
   * they start now. A log cannot move its start back, so it is opened anew; clients that use it at
   * that moment are told to ask again.
   */
  void startEarlier(Topic topic, Map<Integer, AdoptedLog> archived) {
    archived.forEach(
        (partition, records) -> {
          TopicPartition id = new TopicPartition(topic.name(), partition);
          partitions
              .find(id)
              .filter(log -> records.startOffset() < log.startOffset())
              .filter(log -> records.nextOffset() >= log.startOffset())
              .ifPresent(log -> startEarlier(topic, log, records.startOffset()));
        });
  }

  private void startEarlier(Topic topic, PartitionLog log, long startOffset) {
    TopicPartition id = log.partition();
    try {
      checkpoints.setStart(id, startOffset);
      maintenance.closing(log);
      log.close();
      log.wakeWaiting();
      long recoveryPoint = log.endOffset();
      serve(factory.open(topic, id.partition(), startOffset, recoveryPoint, true, tiering));
      LOG.info("log starts earlier: partition={} start={}", id, startOffset);
    } catch (IOException e) {
      throw new KafkaStorageException(
          "the log of " + id + " could not be opened to start at " + startOffset + ": " + e, e);
    }
  }

  private void serve(PartitionLog log) {
    partitions.add(log);
    maintenance.opened(log);
  }

  /**
   * Closes and deletes the local files of the topic's partitions from the given one on, and forgets
   * where they started.
   */
  void delete(Topic topic, int firstPartition) throws IOException {
    for (int i = firstPartition; i < topic.partitions(); i++) {
      TopicPartition id = new TopicPartition(topic.name(), i);
      Optional<PartitionLog> log = partitions.remove(id);
      if (log.isPresent()) {
        maintenance.closing(log.get());
        log.get().delete();
      }
      Utils.delete(directory(id).toFile());
    }
    checkpoints.forget(topic.name(), firstPartition);
    partitions.checkpointRecoveryPoints();
  }

  private Path directory(TopicPartition id) {
    return dataDir.resolve(UnifiedLog.logDirName(id));
  }
}
