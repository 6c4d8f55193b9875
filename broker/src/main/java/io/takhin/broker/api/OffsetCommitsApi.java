package io.takhin.broker.api;

import io.takhin.broker.log.LogStore;
import io.takhin.broker.log.Topic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.apache.kafka.common.requests.OffsetDeleteRequest;
import org.apache.kafka.common.requests.OffsetDeleteResponse;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** Committed offsets of consumer groups. */
final class OffsetCommitsApi {
  private final LogStore store;
  private final GroupCoordinator coordinator;

  OffsetCommitsApi(LogStore store, GroupCoordinator coordinator) {
    this.store = store;
    this.coordinator = coordinator;
  }

  /** The coordinator would commit for any name, so unknown partitions are answered here. */
  CompletableFuture<AbstractResponse> commit(RequestContext context, OffsetCommitRequest request) {
    OffsetCommitRequestData known = request.data().duplicate().setTopics(new ArrayList<>());
    Map<String, OffsetCommitResponseTopic> refused = new LinkedHashMap<>();
    for (OffsetCommitRequestTopic topic : request.data().topics()) {
      int partitions = store.topic(topic.name()).map(Topic::partitions).orElse(0);
      List<OffsetCommitRequestPartition> existing = new ArrayList<>();
      for (OffsetCommitRequestPartition partition : topic.partitions()) {
        if (partition.partitionIndex() >= 0 && partition.partitionIndex() < partitions) {
          existing.add(partition);
        } else {
          refused
              .computeIfAbsent(topic.name(), name -> new OffsetCommitResponseTopic().setName(name))
              .partitions()
              .add(
                  new OffsetCommitResponsePartition()
                      .setPartitionIndex(partition.partitionIndex())
                      .setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code()));
        }
      }
      if (!existing.isEmpty()) {
        known.topics().add(topic.duplicate().setPartitions(existing));
      }
    }
    if (known.topics().isEmpty()) {
      return CompletableFuture.completedFuture(
          new OffsetCommitResponse(
              new OffsetCommitResponseData().setTopics(new ArrayList<>(refused.values()))));
    }
    return coordinator
        .commitOffsets(context, known, BufferSupplier.NO_CACHING)
        .thenApply(data -> new OffsetCommitResponse(merge(data, refused)));
  }

  private static OffsetCommitResponseData merge(
      OffsetCommitResponseData data, Map<String, OffsetCommitResponseTopic> refused) {
    for (OffsetCommitResponseTopic topic : data.topics()) {
      OffsetCommitResponseTopic more = refused.remove(topic.name());
      if (more != null) {
        topic.partitions().addAll(more.partitions());
      }
    }
    data.topics().addAll(refused.values());
    return data;
  }

  CompletableFuture<AbstractResponse> fetch(RequestContext context, OffsetFetchRequest request) {
    List<CompletableFuture<OffsetFetchResponseGroup>> groups =
        request.groups().stream()
            .map(group -> coordinator.fetchOffsets(context, group, request.requireStable()))
            .toList();
    return CompletableFuture.allOf(groups.toArray(CompletableFuture[]::new))
        .thenApply(
            done ->
                new OffsetFetchResponse.Builder(
                        groups.stream().map(CompletableFuture::join).toList())
                    .build(context.apiVersion()));
  }

  CompletableFuture<AbstractResponse> delete(RequestContext context, OffsetDeleteRequest request) {
    return coordinator
        .deleteOffsets(context, request.data(), BufferSupplier.NO_CACHING)
        .thenApply(OffsetDeleteResponse::new);
  }
}
