package io.takhin.broker.api;

import io.takhin.broker.log.ColdRead;
import io.takhin.broker.log.DataArrival;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;

/**
 * What one fetch has asked for of archived segments. Used by the fetch's own thread; closing gives
 * up what was not taken.
 */
final class ColdReads implements AutoCloseable {
  private final ColdAccess cold;
  private final DataArrival arrival;
  private final Map<TopicPartition, CompletableFuture<ColdRead>> reads = new HashMap<>();

  ColdReads(ColdAccess cold, DataArrival arrival) {
    this.cold = cold;
    this.arrival = arrival;
  }

  /** The read of the partition, the same one each time; it wakes the fetch when it ends. */
  CompletableFuture<ColdRead> of(TopicPartition partition, long offset, int maxBytes) {
    return reads.computeIfAbsent(
        partition,
        id -> {
          CompletableFuture<ColdRead> read = cold.read(id, offset, maxBytes);
          var unused = read.whenComplete((bytes, failure) -> arrival.wake());
          return read;
        });
  }

  /** The caller has what this finished read gave, and closes it. */
  void taken(TopicPartition partition) {
    reads.remove(partition);
  }

  boolean arePending() {
    return reads.values().stream().anyMatch(read -> !read.isDone());
  }

  @Override
  public void close() {
    reads.values().forEach(ColdAccess::discard);
  }
}
