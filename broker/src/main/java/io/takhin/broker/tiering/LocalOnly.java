package io.takhin.broker.tiering;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;

/** Every segment stays where it was written. */
public final class LocalOnly implements Tiering {
  @Override
  public void sealed(SealedSegment segment) {}

  @Override
  public void topicDeleted(String topic) {}

  @Override
  public void logStartMoved(TopicPartition partition, long logStartOffset) {}

  @Override
  public List<ColdRange> coldSegments(TopicPartition partition) {
    return List.of();
  }

  @Override
  public OptionalLong firstHeldOffset(TopicPartition partition, long fromOffset) {
    return OptionalLong.empty();
  }

  @Override
  public Optional<String> whyKept(String topic) {
    return Optional.empty();
  }

  @Override
  public Optional<String> whyNameTaken(String topic) {
    return Optional.empty();
  }

  /** Fails: such offsets were archived by an earlier run of the broker that had tiering on. */
  @Override
  public CompletableFuture<ColdSegment> open(TopicPartition partition, long offset) {
    return CompletableFuture.failedFuture(
        new IllegalStateException(
            "offset "
                + offset
                + " of "
                + partition
                + " is archived, and tiered storage is disabled in this broker"));
  }

  @Override
  public LocalLease leaseLocal(TopicPartition partition, long baseOffset) {
    return () -> {};
  }

  @Override
  public void close() {}
}
