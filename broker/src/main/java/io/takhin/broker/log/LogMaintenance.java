package io.takhin.broker.log;

import io.takhin.broker.tiering.Tiering;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.server.util.Scheduler;
import org.apache.kafka.storage.internals.checkpoint.CleanShutdownFileHandler;
import org.apache.kafka.storage.internals.log.CleanerConfig;
import org.apache.kafka.storage.internals.log.LogCleaner;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The background work on all logs: rolling by time, offering sealed segments, retention,
 * checkpoints, and Kafka's cleaner for compacted topics.
 *
 * <p>One task at a time runs on the scheduler's two threads beside Kafka's own. A failure in one
 * partition is logged and tried again at the next turn; it stops neither the others nor the broker.
 */
final class LogMaintenance {
  private static final Logger LOG = LoggerFactory.getLogger(LogMaintenance.class);

  /** Bounds how late a full segment is offered, and how late {@code segment.ms} rolls. */
  private static final long TURN_MILLIS = 500;

  private static final long RETENTION_TURN_MILLIS = 5_000;
  private static final int CLEANER_BUFFER_BYTES = 4 * 1024 * 1024;
  private static final int CLEANER_IO_BYTES = 512 * 1024;
  private static final int CLEANER_MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
  private static final int CLEANER_PAUSE_MILLIS = 15_000;

  private final Partitions partitions;
  private final Tiering tiering;
  private final KafkaScheduler scheduler = new KafkaScheduler(2, true, "takhin-log-");
  private final ConcurrentMap<TopicPartition, UnifiedLog> compacted = new ConcurrentHashMap<>();
  private final LogCleaner cleaner;
  private final CleanShutdownFileHandler cleanStopMarker;

  LogMaintenance(
      Path dataDir, Partitions partitions, Tiering tiering, LogDirFailureChannel failures) {
    this.partitions = partitions;
    this.tiering = tiering;
    this.cleaner =
        new LogCleaner(
            new CleanerConfig(
                1,
                CLEANER_BUFFER_BYTES,
                0.9,
                CLEANER_IO_BYTES,
                CLEANER_MAX_MESSAGE_BYTES,
                Double.MAX_VALUE,
                CLEANER_PAUSE_MILLIS,
                true),
            List.of(dataDir.toFile()),
            compacted,
            failures,
            Time.SYSTEM);
    this.cleanStopMarker = new CleanShutdownFileHandler(dataDir.toString());
    scheduler.startup();
  }

  Scheduler scheduler() {
    return scheduler;
  }

  /** Whether the last stop was clean; asking removes the mark. */
  boolean takeCleanStopMarker() throws IOException {
    boolean clean = cleanStopMarker.exists();
    try {
      cleanStopMarker.delete();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("cannot delete the mark of a clean stop", e);
    }
    return clean;
  }

  void start(Runnable finishDeletions) {
    cleaner.startup();
    every(TURN_MILLIS, "roll-and-offer", this::rollAndOffer);
    every(RETENTION_TURN_MILLIS, "retention", this::retention);
    every(RETENTION_TURN_MILLIS, "finish-deletions", finishDeletions);
  }

  /** The scheduler logs what a task throws, and runs it again at its next turn. */
  private void every(long periodMillis, String name, Runnable task) {
    var unused = scheduler.schedule(name, task, 0, periodMillis);
  }

  void opened(PartitionLog log) {
    if (log.unifiedLog().config().compact) {
      compacted.put(log.partition(), log.unifiedLog());
    }
  }

  void closing(PartitionLog log) {
    if (compacted.remove(log.partition()) != null) {
      cleaner.abortCleaning(log.partition());
    }
  }

  private void rollAndOffer() {
    boolean flushed = false;
    for (PartitionLog log : partitions.all()) {
      try {
        log.rollByTime(System.currentTimeMillis());
        if (log.movesSegments()) {
          flushed |= log.offerSealed();
        }
      } catch (IOException | RuntimeException e) {
        LOG.warn("sealing segments failed, will be retried: partition={}", log.partition(), e);
      }
    }
    if (flushed) {
      partitions.checkpointRecoveryPoints();
    }
  }

  private void retention() {
    for (PartitionLog log : partitions.all()) {
      try {
        TopicPartition id = log.partition();
        long held = tiering.firstHeldOffset(id, log.startOffset()).orElse(Long.MAX_VALUE);
        long start =
            Retention.start(
                log.unifiedLog(), tiering.coldSegments(id), held, System.currentTimeMillis());
        if (start > log.startOffset()) {
          partitions.advanceLogStart(id, start);
        } else {
          log.deleteBelowStart();
        }
      } catch (IOException | RuntimeException e) {
        LOG.warn("retention failed, will be retried: partition={}", log.partition(), e);
      }
    }
  }

  /** After this no task runs; logs may be closed. */
  void stop() {
    cleaner.shutdown();
    try {
      scheduler.shutdown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void closed(boolean allLogs) {
    try {
      partitions.checkpointRecoveryPoints();
      if (allLogs) {
        cleanStopMarker.write(-1);
      }
    } catch (KafkaException e) {
      LOG.warn("checkpoint not written, logs will be recovered at the next start", e);
    } catch (Exception e) {
      LOG.warn("clean stop not marked, logs will be recovered at the next start", e);
    }
  }
}
