package io.takhin.broker.group;

import io.takhin.broker.log.LogStore;
import io.takhin.broker.log.PartitionLog;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.coordinator.common.runtime.CoordinatorLoaderImpl;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRuntimeMetricsImpl;
import org.apache.kafka.coordinator.group.GroupConfigManager;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.GroupCoordinatorService;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorMetrics;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;
import org.apache.kafka.server.share.persister.NoOpStatePersister;
import org.apache.kafka.server.util.PartitionMetadataClient;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.apache.kafka.server.util.timer.SystemTimerReaper;
import org.apache.kafka.server.util.timer.Timer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The group coordinator's life. All groups live in one partition: one node has no use for spreading
 * them.
 */
public final class Groups implements AutoCloseable {
  /** The topic that holds members, assignments and committed offsets. */
  public static final String TOPIC = Topic.GROUP_METADATA_TOPIC_NAME;

  private static final Logger LOG = LoggerFactory.getLogger(Groups.class);
  private static final int LOAD_BUFFER_BYTES = 1024 * 1024;

  /** A loaded log is cleaned of old commits when it is sealed, so segments are small. */
  private static final String SEGMENT_BYTES = Integer.toString(8 * 1024 * 1024);

  private final Metrics metrics = new Metrics();
  private final Timer timer =
      new SystemTimerReaper("takhin-group-timer", new SystemTimer("takhin-group"));
  private final GroupCoordinatorService coordinator;

  /** Starts the coordinator, which loads its log in the background and answers when it has. */
  public Groups(LogStore store, int nodeId) {
    if (store.topic(TOPIC).isEmpty()) {
      store.create(
          TOPIC,
          1,
          Map.of(
              TopicConfig.CLEANUP_POLICY_CONFIG,
              TopicConfig.CLEANUP_POLICY_COMPACT,
              TopicConfig.SEGMENT_BYTES_CONFIG,
              SEGMENT_BYTES));
    }
    Map<String, String> settings =
        Map.of(
            GroupCoordinatorConfig.GROUP_COORDINATOR_NUM_THREADS_CONFIG, "1",
            GroupCoordinatorConfig.GROUP_COORDINATOR_NUM_BACKGROUND_THREADS_CONFIG, "1",
            GroupCoordinatorConfig.GROUP_COORDINATOR_APPEND_LINGER_MS_CONFIG, "0",
            GroupCoordinatorConfig.GROUP_INITIAL_REBALANCE_DELAY_MS_CONFIG, "300");
    GroupCoordinatorConfig config = GroupCoordinatorConfig.fromProps(settings);
    this.coordinator =
        new GroupCoordinatorService.Builder(nodeId, config)
            .withWriter(new OffsetsLogWriter(store))
            .withLoader(
                new CoordinatorLoaderImpl<CoordinatorRecord>(
                    Time.SYSTEM,
                    partition -> Optional.of(store.log(partition).unifiedLog()),
                    partition -> Optional.of(store.log(partition).endOffset()),
                    new GroupCoordinatorRecordSerde(),
                    LOAD_BUFFER_BYTES,
                    CoordinatorLoaderImpl.DEFAULT_COMMIT_INTERVAL_OFFSETS))
            .withTime(Time.SYSTEM)
            .withTimer(timer)
            .withCoordinatorRuntimeMetrics(
                new CoordinatorRuntimeMetricsImpl(
                    metrics, GroupCoordinatorMetrics.METRICS_GROUP, true))
            .withGroupCoordinatorMetrics(new GroupCoordinatorMetrics())
            .withGroupConfigManager(
                new GroupConfigManager(Map.of(), config, ShareGroupConfig.fromProps(Map.of())))
            .withPersister(new NoOpStatePersister())
            .withAuthorizerPlugin(Optional.empty())
            .withPartitionMetadataClient(new NoLatestOffsets())
            .build();
    coordinator.startup(() -> 1);
    store.listen(new MetadataImages(coordinator, nodeId));
    coordinator.onElection(0, PartitionLog.LEADER_EPOCH);
  }

  /** Kafka's coordinator, which answers requests with futures. */
  public GroupCoordinator coordinator() {
    return coordinator;
  }

  /** Ends all groups' sessions; requests that wait are answered with a retriable error. */
  @Override
  public void close() {
    coordinator.shutdown();
    closeTimer();
    metrics.close();
  }

  private void closeTimer() {
    try {
      timer.close();
    } catch (RejectedExecutionException e) {
      // Kafka's reaper hands its timer a last task to wake up by, which the timer, closed before,
      // may refuse. The reaper then ends at its next turn instead.
      LOG.debug("group timer ends at its next turn", e);
    } catch (Exception e) {
      throw new IllegalStateException("group timer not closed", e);
    }
  }

  /** Asked only for share groups, which this broker does not offer. */
  private static final class NoLatestOffsets implements PartitionMetadataClient {
    @Override
    public Map<TopicPartition, CompletableFuture<OffsetResponse>> listLatestOffsets(
        Set<TopicPartition> partitions) {
      return partitions.stream()
          .collect(
              Collectors.toMap(
                  partition -> partition,
                  partition ->
                      CompletableFuture.completedFuture(
                          new OffsetResponse(-1, Errors.UNKNOWN_TOPIC_OR_PARTITION))));
    }

    @Override
    public void close() {}
  }
}
