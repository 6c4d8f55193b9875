package io.takhin.broker.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.broker.tiering.LocalPartitions;
import io.takhin.broker.tiering.Tiering;
import io.takhin.broker.tiering.TieringFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics of the broker and their partitions.
 *
 * <p>Lookups are lock-free. Changes to the set of topics are serialised by one lock, under which
 * files are written: they are rare, and two of the same name must not cross.
 */
public final class LogStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogStore.class);

  /** Each partition costs open files and memory maps. */
  private static final int MAX_PARTITIONS_PER_TOPIC = 1000;

  private final LogSettings settings;
  private final Path dataDir;
  private final TopicFiles files;
  private final TopicConfigs configs;
  private final Checkpoints checkpoints;
  private final Partitions partitions;
  private final Tiering tiering;
  private final LogMaintenance maintenance;
  private final LogFactory factory;
  private final StorageFailures failures = new StorageFailures();
  private final ConcurrentMap<String, Topic> topics = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Topic> deleting = new ConcurrentHashMap<>();
  private final List<TopicListener> listeners = new CopyOnWriteArrayList<>();
  private final Object changeLock = new Object();

  private LogStore(DataDirectory directory, LogSettings settings, TieringFactory tieringFactory)
      throws IOException {
    this.settings = settings;
    this.dataDir = directory.path();
    this.files = new TopicFiles(dataDir);
    this.configs = new TopicConfigs(settings.defaultSegmentBytes());
    this.checkpoints = new Checkpoints(dataDir, failures);
    this.partitions = new Partitions(checkpoints);
    this.tiering = tieringFactory.create(partitions);
    this.maintenance = new LogMaintenance(dataDir, partitions, tiering, failures);
    this.factory = new LogFactory(dataDir, configs, maintenance.scheduler(), failures);
  }

  /**
   * Opens all logs below the directory, recovering those that were not closed. A log that cannot be
   * opened is reported and stays unavailable; the others serve.
   *
   * @param directory stays the caller's to close, after this store
   */
  public static LogStore open(
      DataDirectory directory, LogSettings settings, TieringFactory tieringFactory)
      throws IOException {
    LogStore store = new LogStore(directory, settings, tieringFactory);
    try {
      store.load();
      return store;
    } catch (IOException | RuntimeException e) {
      try {
        store.close();
      } catch (RuntimeException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  /** What could not be written within the last minute; empty when nothing failed. */
  public Optional<String> recentWriteFailure() {
    return failures.recent();
  }

  private void load() throws IOException {
    boolean cleanStop = maintenance.takeCleanStopMarker();
    for (TopicFiles.Entry entry : files.load()) {
      if (entry.deleting()) {
        deleting.put(entry.topic().name(), entry.topic());
      } else {
        topics.put(entry.topic().name(), entry.topic());
        openAtStart(entry.topic(), cleanStop);
      }
    }
    maintenance.start(this::finishDeletions);
  }

  private void openAtStart(Topic topic, boolean cleanStop) {
    for (int i = 0; i < topic.partitions(); i++) {
      TopicPartition id = new TopicPartition(topic.name(), i);
      try {
        long start = checkpoints.start(id);
        open(topic, i, start, checkpoints.recoveryPoint(id), cleanStop);
        if (start > 0) {
          // A crash may have come between the checkpoint and this call.
          tiering.logStartMoved(id, start);
        }
      } catch (IOException | KafkaException e) {
        LOG.error(
            "log cannot be opened, the partition is unavailable: partition={} directory={};"
                + " repair or remove the directory and restart",
            id,
            dataDir.resolve(UnifiedLog.logDirName(id)),
            e);
      }
    }
  }

  private void open(
      Topic topic, int partition, long startOffset, long recoveryPoint, boolean cleanStop)
      throws IOException {
    PartitionLog log =
        factory.open(topic, partition, startOffset, recoveryPoint, cleanStop, tiering);
    partitions.add(log);
    maintenance.opened(log);
  }

  public Optional<Topic> topic(String name) {
    return Optional.ofNullable(topics.get(name));
  }

  public Optional<Topic> topic(Uuid id) {
    return topics.values().stream().filter(topic -> topic.id().equals(id)).findFirst();
  }

  public Collection<Topic> topics() {
    return topics.values();
  }

  public TopicConfigs configs() {
    return configs;
  }

  public Tiering tiering() {
    return tiering;
  }

  public LocalPartitions localPartitions() {
    return partitions;
  }

  /**
   * The log of a partition.
   *
   * @throws UnknownTopicOrPartitionException when there is no such partition
   * @throws KafkaStorageException when there is, but its log could not be opened
   */
  public PartitionLog log(TopicPartition partition) {
    Optional<PartitionLog> log = partitions.find(partition);
    if (log.isPresent()) {
      return log.get();
    }
    Topic topic = topics.get(partition.topic());
    if (topic == null || partition.partition() < 0 || partition.partition() >= topic.partitions()) {
      throw new UnknownTopicOrPartitionException("no such partition: " + partition);
    }
    throw new KafkaStorageException("the log of " + partition + " could not be opened");
  }

  /** Tells the listener of all topics that exist, and then of every change. */
  public void listen(TopicListener listener) {
    synchronized (changeLock) {
      topics.values().forEach(listener::created);
      listeners.add(listener);
    }
  }

  /** The topic as {@link #create} would make it, or the exception it would throw. */
  public Topic check(String name, int partitionCount, Map<String, String> config) {
    int count = partitionCount == -1 ? settings.defaultPartitions() : partitionCount;
    if (count < 1 || count > MAX_PARTITIONS_PER_TOPIC) {
      throw new InvalidPartitionsException(
          "partitions of "
              + name
              + ": expected 1 to "
              + MAX_PARTITIONS_PER_TOPIC
              + ", got "
              + count);
    }
    if (topics.containsKey(name)) {
      throw new TopicExistsException("Topic '" + name + "' already exists.");
    }
    if (deleting.containsKey(name)) {
      throw new TopicExistsException("Topic '" + name + "' is still being deleted.");
    }
    configs.logConfig(config);
    return new Topic(name, Uuid.randomUuid(), count, config);
  }

  /**
   * Creates a topic. When this returns it survives a crash.
   *
   * @param partitionCount -1 takes the broker's default
   * @throws KafkaStorageException when the disk refuses; nothing of the topic is left then
   */
  public Topic create(String name, int partitionCount, Map<String, String> config) {
    synchronized (changeLock) {
      Topic topic = check(name, partitionCount, config);
      try {
        files.save(topic, false);
        for (int i = 0; i < topic.partitions(); i++) {
          open(topic, i, 0, 0, true);
        }
      } catch (IOException | KafkaException e) {
        KafkaStorageException failure =
            new KafkaStorageException("topic " + name + " could not be created: " + e, e);
        undoCreation(topic, failure);
        throw failure;
      }
      topics.put(name, topic);
      listeners.forEach(listener -> listener.created(topic));
      LOG.info("topic created: topic={} id={} partitions={}", name, topic.id(), topic.partitions());
      return topic;
    }
  }

  @GuardedBy("changeLock")
  private void undoCreation(Topic topic, Exception failure) {
    try {
      deleteLocalFiles(topic);
      files.remove(topic.name());
    } catch (IOException | KafkaException e) {
      failure.addSuppressed(e);
    }
  }

  /** Adds partitions; the ones there are keep their records. */
  public Topic addPartitions(String name, int totalCount) {
    synchronized (changeLock) {
      Topic before = existing(name);
      if (totalCount <= before.partitions() || totalCount > MAX_PARTITIONS_PER_TOPIC) {
        throw new InvalidPartitionsException(
            "partitions of "
                + name
                + ": expected more than "
                + before.partitions()
                + " and at most "
                + MAX_PARTITIONS_PER_TOPIC
                + ", got "
                + totalCount);
      }
      Topic topic = before.withPartitions(totalCount);
      try {
        files.save(topic, false);
        for (int i = before.partitions(); i < totalCount; i++) {
          open(topic, i, 0, 0, true);
        }
      } catch (IOException e) {
        throw new KafkaStorageException("partitions of " + name + " could not be added: " + e, e);
      }
      topics.put(name, topic);
      listeners.forEach(listener -> listener.created(topic));
      return topic;
    }
  }

  /** Replaces the settings of a topic. */
  public void configure(String name, Map<String, String> config, boolean validateOnly) {
    synchronized (changeLock) {
      Topic before = existing(name);
      var logConfig = configs.logConfig(config);
      if (TopicConfigs.isCompacted(config) != TopicConfigs.isCompacted(before.config())) {
        throw new InvalidConfigurationException(
            TopicConfig.CLEANUP_POLICY_CONFIG
                + ": compaction is chosen when a topic is created, and cannot be changed later");
      }
      if (validateOnly) {
        return;
      }
      Topic topic = before.withConfig(config);
      try {
        files.save(topic, false);
      } catch (IOException e) {
        throw new KafkaStorageException("settings of " + name + " could not be saved: " + e, e);
      }
      topics.put(name, topic);
      for (int i = 0; i < topic.partitions(); i++) {
        partitions.find(new TopicPartition(name, i)).ifPresent(log -> log.configure(logConfig));
      }
    }
  }

  /** Deletes a topic. When this returns it is gone for clients, also after a crash. */
  public void delete(String name) {
    synchronized (changeLock) {
      Topic topic = existing(name);
      try {
        files.save(topic, true);
      } catch (IOException e) {
        throw new KafkaStorageException("topic " + name + " could not be deleted: " + e, e);
      }
      deleting.put(name, topic);
      topics.remove(name);
      listeners.forEach(listener -> listener.deleted(topic));
      LOG.info("topic deleted: topic={} id={}", name, topic.id());
      finishDeletions();
    }
  }

  /** Removes what deleted topics left behind; tried again later where it fails. */
  private void finishDeletions() {
    synchronized (changeLock) {
      for (Topic topic : List.copyOf(deleting.values())) {
        try {
          deleteLocalFiles(topic);
          checkpoints.forgetTopic(topic.name());
          partitions.checkpointRecoveryPoints();
          tiering.topicDeleted(topic.name());
          files.remove(topic.name());
          deleting.remove(topic.name());
        } catch (IOException | RuntimeException e) {
          LOG.warn("deleting a topic is not finished, will be retried: topic={}", topic.name(), e);
        }
      }
    }
  }

  @GuardedBy("changeLock")
  private void deleteLocalFiles(Topic topic) throws IOException {
    for (int i = 0; i < topic.partitions(); i++) {
      TopicPartition id = new TopicPartition(topic.name(), i);
      Optional<PartitionLog> log = partitions.remove(id);
      if (log.isPresent()) {
        maintenance.closing(log.get());
        log.get().delete();
      }
      Utils.delete(dataDir.resolve(UnifiedLog.logDirName(id)).toFile());
    }
  }

  @GuardedBy("changeLock")
  private Topic existing(String name) {
    Topic topic = topics.get(name);
    if (topic == null) {
      throw new UnknownTopicOrPartitionException("no such topic: " + name);
    }
    return topic;
  }

  /** Ends the waits of parked fetches, so that they answer now. */
  public void wakeWaiting() {
    partitions.all().forEach(PartitionLog::wakeWaiting);
  }

  /**
   * Stops background work and tiering, closes all logs and, when all went well, marks the stop as
   * clean.
   */
  @Override
  public void close() {
    maintenance.stop();
    try {
      tiering.close();
    } catch (IOException | RuntimeException e) {
      LOG.error("tiering was not closed", e);
    }
    boolean clean = true;
    for (PartitionLog log : partitions.all()) {
      try {
        log.close();
      } catch (KafkaException e) {
        clean = false;
        LOG.error("log was not closed, it will be recovered: partition={}", log.partition(), e);
      }
    }
    maintenance.closed(clean);
    factory.close();
  }
}
