package io.takhin.broker.api;

import io.takhin.broker.log.DataArrival;
import io.takhin.broker.tiering.ColdSegment;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;

/**
 * The archived segments that one fetch has asked for. Used by the fetch's own thread; closing gives
 * up those that were not taken.
 */
final class ColdOpenings implements AutoCloseable {
  private final ColdAccess cold;
  private final DataArrival arrival;
  private final Map<TopicPartition, CompletableFuture<ColdSegment>> openings = new HashMap<>();

  ColdOpenings(ColdAccess cold, DataArrival arrival) {
    this.cold = cold;
    this.arrival = arrival;
  }

  /** The opening of the segment, the same one each time; it wakes the fetch when it ends. */
  CompletableFuture<ColdSegment> of(TopicPartition partition, long offset) {
    return openings.computeIfAbsent(
        partition,
        id -> {
          CompletableFuture<ColdSegment> opening = cold.open(id, offset);
          var unused = opening.whenComplete((segment, failure) -> arrival.wake());
          return opening;
        });
  }

  /** The caller has the segment of this finished opening, and closes it. */
  void taken(TopicPartition partition) {
    openings.remove(partition);
  }

  boolean arePending() {
    return openings.values().stream().anyMatch(opening -> !opening.isDone());
  }

  @Override
  public void close() {
    openings.values().forEach(ColdAccess::discard);
  }
}
