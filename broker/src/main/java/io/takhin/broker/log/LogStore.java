package io.takhin.broker.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.broker.log.TopicFiles.State;
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
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
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

  private final LogSettings settings;
  private final TopicFiles files;
  private final TopicConfigs configs;
  private final Partitions partitions;
  private final Tiering tiering;
  private final LogMaintenance maintenance;
  private final LogFactory factory;
  private final TopicLogs logs;
  private final TopicDeletions deletions;
  private final StorageFailures failures = new StorageFailures();
  private final ColdPace coldPace = new ColdPace();
  private final ConcurrentMap<String, Topic> topics = new ConcurrentHashMap<>();
  private final List<TopicListener> listeners = new CopyOnWriteArrayList<>();
  private final Object changeLock = new Object();

  private LogStore(DataDirectory directory, LogSettings settings, TieringFactory tieringFactory)
      throws IOException {
    this.settings = settings;
    Path dataDir = directory.path();
    this.files = new TopicFiles(dataDir);
    this.configs = new TopicConfigs(settings.defaultSegmentBytes(), settings.defaultRetention());
    Checkpoints checkpoints = new Checkpoints(dataDir, failures);
    this.partitions = new Partitions(checkpoints);
    this.tiering = tieringFactory.create(partitions);
    tiering.paceReadAhead(coldPace::awaitFetched);
    this.maintenance = new LogMaintenance(dataDir, partitions, tiering, failures);
    this.factory = new LogFactory(dataDir, configs, maintenance.scheduler(), failures);
    this.logs = new TopicLogs(dataDir, factory, partitions, checkpoints, maintenance, tiering);
    this.deletions = new TopicDeletions(files, logs, tiering);
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

  /** How fast archived records are sent. */
  public ColdPace coldPace() {
    return coldPace;
  }

  private void load() throws IOException {
    boolean cleanStop = maintenance.takeCleanStopMarker();
    for (TopicFiles.Entry entry : files.load()) {
      Topic topic = entry.topic();
      switch (entry.state()) {
        case LIVE -> {
          topics.put(topic.name(), topic);
          logs.openAtStart(topic, cleanStop);
        }
        case DELETING -> deletions.add(topic);
        case ADOPTING -> {
          LOG.warn("topic was not adopted to the end, begin anew: topic={}", topic.name());
          logs.delete(topic, 0);
          files.remove(topic.name());
        }
      }
    }
    maintenance.start(this::finishDeletions);
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
    Topic topic = describe(name, partitionCount, config);
    Optional<String> taken = tiering.whyNameTaken(name);
    if (taken.isPresent()) {
      throw new TopicExistsException("Topic '" + name + "' is deleted, but " + taken.get());
    }
    return topic;
  }

  private Topic describe(String name, int partitionCount, Map<String, String> config) {
    int count = partitionCount == -1 ? settings.defaultPartitions() : partitionCount;
    Topic.requirePartitions(name, 1, count);
    if (topics.containsKey(name)) {
      throw new TopicExistsException("Topic '" + name + "' already exists.");
    }
    if (deletions.contains(name)) {
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
        files.save(topic, State.LIVE);
        logs.create(topic, 0);
      } catch (IOException | KafkaException e) {
        throw undo(null, topic, "creating topic", e);
      }
      publish(topic);
      LOG.info("topic created: topic={} id={} partitions={}", name, topic.id(), topic.partitions());
      return topic;
    }
  }

  /**
   * Creates a topic whose records are all archived: each partition starts where its archived
   * records do, and appends go behind them. When this returns it survives a crash; a crash before
   * leaves nothing of it. It has the broker's default settings.
   *
   * @param adopted by partition, at least one; the highest decides how many partitions there are,
   *     and those that are not named are empty
   * @throws TopicExistsException when there is a topic of that name
   * @throws KafkaStorageException when the disk refuses; nothing of the topic is left then
   */
  public Topic adopt(String name, Map<Integer, AdoptedLog> adopted) {
    synchronized (changeLock) {
      int count = adopted.keySet().stream().mapToInt(partition -> partition + 1).max().orElse(0);
      Topic topic = describe(name, count, Map.of());
      try {
        files.save(topic, State.ADOPTING);
        logs.adopt(topic, adopted);
        files.save(topic, State.LIVE);
      } catch (IOException | KafkaException e) {
        throw undo(null, topic, "adopting topic", e);
      }
      publish(topic);
      LOG.info("topic adopted: topic={} id={} partitions={}", name, topic.id(), adopted);
      return topic;
    }
  }

  /**
   * Makes archived records readable again that were deleted: adopts the topic, or lets the logs of
   * a living one start as early as its archived records go back without a gap.
   *
   * @param archived by partition; where records were archived last without a gap
   */
  public void bringBack(String name, Map<Integer, AdoptedLog> archived) {
    synchronized (changeLock) {
      Topic topic = topics.get(name);
      if (topic == null) {
        Topic unused = adopt(name, archived);
      } else {
        logs.startEarlier(topic, archived);
      }
    }
  }

  @GuardedBy("changeLock")
  private void publish(Topic topic) {
    topics.put(topic.name(), topic);
    listeners.forEach(listener -> listener.created(topic));
  }

  /**
   * Makes it as if nothing had been tried.
   *
   * @param before null when there was no such topic
   */
  @GuardedBy("changeLock")
  private KafkaStorageException undo(
      @Nullable Topic before, Topic topic, String tried, Exception cause) {
    KafkaStorageException failure =
        new KafkaStorageException(tried + " " + topic.name() + " failed: " + cause, cause);
    try {
      if (before == null) {
        logs.delete(topic, 0);
        files.remove(topic.name());
      } else {
        files.save(before, State.LIVE);
        logs.delete(topic, before.partitions());
      }
    } catch (IOException | KafkaException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }

  /**
   * Adds partitions; the ones there are keep their records.
   *
   * @throws KafkaStorageException when the disk refuses; the topic is as it was then
   */
  public Topic addPartitions(String name, int totalCount) {
    synchronized (changeLock) {
      Topic before = existing(name);
      Topic.requirePartitions(name, before.partitions() + 1, totalCount);
      Topic topic = before.withPartitions(totalCount);
      try {
        files.save(topic, State.LIVE);
        logs.create(topic, before.partitions());
      } catch (IOException | KafkaException e) {
        throw undo(before, topic, "adding partitions to", e);
      }
      publish(topic);
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
        files.save(topic, State.LIVE);
      } catch (IOException e) {
        throw new KafkaStorageException("settings of " + name + " could not be saved: " + e, e);
      }
      topics.put(name, topic);
      for (int i = 0; i < topic.partitions(); i++) {
        partitions.find(new TopicPartition(name, i)).ifPresent(log -> log.configure(logConfig));
      }
    }
  }

  /**
   * Deletes a topic. When this returns it is gone for clients, also after a crash.
   *
   * @throws PolicyViolationException when any of it has to be kept
   */
  public void delete(String name) {
    synchronized (changeLock) {
      Topic topic = existing(name);
      Optional<String> kept = tiering.whyKept(name);
      if (kept.isPresent()) {
        throw new PolicyViolationException(kept.get());
      }
      try {
        files.save(topic, State.DELETING);
      } catch (IOException e) {
        throw new KafkaStorageException("topic " + name + " could not be deleted: " + e, e);
      }
      deletions.add(topic);
      topics.remove(name);
      listeners.forEach(listener -> listener.deleted(topic));
      LOG.info("topic deleted: topic={} id={}", name, topic.id());
      finishDeletions();
    }
  }

  private void finishDeletions() {
    synchronized (changeLock) {
      deletions.finish();
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
    coldPace.close();
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
