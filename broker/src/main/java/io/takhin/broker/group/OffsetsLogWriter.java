package io.takhin.broker.group;

import io.takhin.broker.log.LogStore;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.coordinator.common.runtime.PartitionWriter;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.VerificationGuard;

/** Lets the group coordinator append to its log; what is appended is committed at once. */
final class OffsetsLogWriter implements PartitionWriter {
  private final LogStore store;
  private final Map<TopicPartition, Set<Listener>> listeners = new ConcurrentHashMap<>();

  OffsetsLogWriter(LogStore store) {
    this.store = store;
  }

  @Override
  public void registerListener(TopicPartition tp, Listener listener) {
    listeners.computeIfAbsent(tp, ignored -> ConcurrentHashMap.newKeySet()).add(listener);
  }

  @Override
  public void deregisterListener(TopicPartition tp, Listener listener) {
    listeners.getOrDefault(tp, Set.of()).remove(listener);
  }

  @Override
  public LogConfig config(TopicPartition tp) {
    return store.log(tp).unifiedLog().config();
  }

  @Override
  public long append(
      TopicPartition tp, VerificationGuard guard, MemoryRecords records, short transactionVersion) {
    long end =
        store
                .log(tp)
                .append(records, AppendOrigin.COORDINATOR, guard, transactionVersion)
                .lastOffset()
            + 1;
    listeners
        .getOrDefault(tp, Set.of())
        .forEach(listener -> listener.onHighWatermarkUpdated(tp, end));
    return end;
  }

  @Override
  public CompletableFuture<VerificationGuard> maybeStartTransactionVerification(
      TopicPartition tp,
      String transactionalId,
      long producerId,
      short producerEpoch,
      int apiVersion) {
    return CompletableFuture.failedFuture(
        new UnsupportedVersionException("transactions are not supported by this broker"));
  }

  @Override
  public CompletableFuture<Void> deleteRecords(TopicPartition tp, long deleteBeforeOffset) {
    return CompletableFuture.failedFuture(
        new UnsupportedVersionException("share groups are not supported by this broker"));
  }
}
