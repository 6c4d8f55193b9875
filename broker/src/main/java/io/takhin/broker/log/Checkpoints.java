package io.takhin.broker.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.storage.internals.checkpoint.OffsetCheckpointFile;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;

/**
 * Offsets of all partitions that outlive the process, in Kafka's checkpoint files: where each log
 * starts, and up to where it is known to be on disk. Each file is replaced atomically.
 */
final class Checkpoints {
  private final OffsetCheckpointFile startFile;
  private final OffsetCheckpointFile recoveryFile;

  @GuardedBy("this")
  private final Map<TopicPartition, Long> starts;

  private final Map<TopicPartition, Long> recoveryPoints;

  Checkpoints(Path dataDir, LogDirFailureChannel failures) throws IOException {
    this.startFile =
        new OffsetCheckpointFile(dataDir.resolve("log-start-offset-checkpoint").toFile(), failures);
    this.recoveryFile =
        new OffsetCheckpointFile(
            dataDir.resolve("recovery-point-offset-checkpoint").toFile(), failures);
    this.starts = new HashMap<>(startFile.read());
    this.recoveryPoints = Map.copyOf(recoveryFile.read());
  }

  /** A log that was never cut starts at 0, whatever of it is still local. */
  synchronized long start(TopicPartition partition) {
    return starts.getOrDefault(partition, 0L);
  }

  /** As of the start of the broker. */
  long recoveryPoint(TopicPartition partition) {
    return recoveryPoints.getOrDefault(partition, 0L);
  }

  synchronized void setStart(TopicPartition partition, long offset) {
    Map<TopicPartition, Long> changed = new HashMap<>(starts);
    changed.put(partition, offset);
    startFile.write(changed);
    starts.put(partition, offset);
  }

  /** Forgets where the topic's partitions from the given one on started. */
  synchronized void forget(String topic, int firstPartition) {
    Map<TopicPartition, Long> changed = new HashMap<>(starts);
    if (changed
        .keySet()
        .removeIf(id -> id.topic().equals(topic) && id.partition() >= firstPartition)) {
      startFile.write(changed);
      starts.keySet().retainAll(changed.keySet());
    }
  }

  void writeRecoveryPoints(Map<TopicPartition, Long> points) {
    synchronized (recoveryFile) {
      recoveryFile.write(points);
    }
  }
}
