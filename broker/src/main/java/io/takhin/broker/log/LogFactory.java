package io.takhin.broker.log;

import io.takhin.broker.tiering.Tiering;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.Scheduler;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogOffsetsListener;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/** Opens the logs of one data directory, with everything Kafka's log wants to be given. */
final class LogFactory implements AutoCloseable {
  private static final int DAY_MILLIS = 24 * 60 * 60 * 1000;
  private static final int PRODUCER_EXPIRY_CHECK_MILLIS = 10 * 60 * 1000;
  private static final int MAX_TRANSACTION_MILLIS = 15 * 60 * 1000;

  private final Path dataDir;
  private final TopicConfigs configs;
  private final Scheduler scheduler;
  private final LogDirFailureChannel failures;
  private final BrokerTopicStats stats = new BrokerTopicStats(false);

  LogFactory(
      Path dataDir, TopicConfigs configs, Scheduler scheduler, LogDirFailureChannel failures) {
    this.dataDir = dataDir;
    this.configs = configs;
    this.scheduler = scheduler;
    this.failures = failures;
  }

  /**
   * Opens a partition, creating its directory when absent, and recovering what lies behind the
   * recovery point unless the last stop was clean.
   */
  PartitionLog open(
      Topic topic,
      int partition,
      long startOffset,
      long recoveryPoint,
      boolean cleanStop,
      Tiering tiering)
      throws IOException {
    return new PartitionLog(
        openLog(topic, partition, startOffset, recoveryPoint, cleanStop), tiering);
  }

  /**
   * Makes the log of a partition whose records are all archived: no local record, and the next one
   * goes to the offset after the archived ones. On disk when this returns.
   */
  PartitionLog adopt(Topic topic, int partition, AdoptedLog adopted, Tiering tiering)
      throws IOException {
    UnifiedLog log = openLog(topic, partition, adopted.startOffset(), 0, true);
    log.truncateFullyAndStartAt(adopted.nextOffset(), Optional.of(adopted.startOffset()));
    log.flush(true);
    return new PartitionLog(log, tiering);
  }

  private UnifiedLog openLog(
      Topic topic, int partition, long startOffset, long recoveryPoint, boolean cleanStop)
      throws IOException {
    TopicPartition id = new TopicPartition(topic.name(), partition);
    return UnifiedLog.create(
        dataDir.resolve(UnifiedLog.logDirName(id)).toFile(),
        configs.logConfig(topic.config()),
        startOffset,
        recoveryPoint,
        scheduler,
        stats,
        Time.SYSTEM,
        MAX_TRANSACTION_MILLIS,
        new ProducerStateManagerConfig(DAY_MILLIS, false),
        PRODUCER_EXPIRY_CHECK_MILLIS,
        failures,
        cleanStop,
        Optional.of(topic.id()),
        new ConcurrentHashMap<>(),
        // On even without tiering: only then does Kafka keep the start of a log whose oldest
        // segments an earlier run has archived.
        true,
        LogOffsetsListener.NO_OP_OFFSETS_LISTENER);
  }

  @Override
  public void close() {
    stats.close();
  }
}
