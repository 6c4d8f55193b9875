package io.takhin.broker.api;

import io.takhin.broker.log.LogStore;
import io.takhin.broker.log.PartitionLog;
import io.takhin.broker.log.Topic;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeClusterResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestContext;

/** Who leads what: always this node. */
final class ClusterApi {
  private final Node node;
  private final BrokerSettings settings;
  private final LogStore store;

  ClusterApi(Node node, BrokerSettings settings, LogStore store) {
    this.node = node;
    this.settings = settings;
    this.store = store;
  }

  AbstractResponse metadata(RequestContext context, MetadataRequest request) {
    MetadataResponseData data =
        new MetadataResponseData().setClusterId(node.clusterId()).setControllerId(node.id());
    data.brokers()
        .add(
            new MetadataResponseBroker()
                .setNodeId(node.id())
                .setHost(node.host())
                .setPort(node.port()));
    if (request.isAllTopics()) {
      store.topics().forEach(topic -> data.topics().add(describe(topic)));
    } else {
      for (MetadataRequestTopic asked : request.data().topics()) {
        data.topics().add(find(asked, request.allowAutoTopicCreation()));
      }
    }
    return new MetadataResponse(data, context.apiVersion());
  }

  private MetadataResponseTopic find(MetadataRequestTopic asked, boolean mayCreate) {
    String name = asked.name();
    if (name == null) {
      Optional<Topic> byId = store.topic(asked.topicId());
      return byId.map(this::describe)
          .orElseGet(
              () ->
                  new MetadataResponseTopic()
                      .setName(null)
                      .setTopicId(asked.topicId())
                      .setErrorCode(Errors.UNKNOWN_TOPIC_ID.code()));
    }
    Optional<Topic> known = store.topic(name);
    if (known.isPresent()) {
      return describe(known.get());
    }
    if (!mayCreate || !settings.autoCreateTopics()) {
      return missing(name, Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }
    try {
      TopicNames.checkOpen(name);
      return describe(store.create(name, -1, java.util.Map.of()));
    } catch (TopicExistsException e) {
      // Somebody else was first, or the name is not free yet; the client asks again.
      return store
          .topic(name)
          .map(this::describe)
          .orElseGet(() -> missing(name, Errors.LEADER_NOT_AVAILABLE));
    } catch (ApiException e) {
      return missing(name, Errors.forException(e));
    }
  }

  private static MetadataResponseTopic missing(String name, Errors error) {
    return new MetadataResponseTopic()
        .setName(name)
        .setTopicId(Uuid.ZERO_UUID)
        .setErrorCode(error.code());
  }

  private MetadataResponseTopic describe(Topic topic) {
    MetadataResponseTopic described =
        new MetadataResponseTopic()
            .setName(topic.name())
            .setTopicId(topic.id())
            .setIsInternal(TopicNames.isInternal(topic.name()));
    List<Integer> replicas = List.of(node.id());
    for (int i = 0; i < topic.partitions(); i++) {
      described
          .partitions()
          .add(
              new MetadataResponsePartition()
                  .setPartitionIndex(i)
                  .setLeaderId(node.id())
                  .setLeaderEpoch(PartitionLog.LEADER_EPOCH)
                  .setReplicaNodes(replicas)
                  .setIsrNodes(replicas));
    }
    return described;
  }

  AbstractResponse describe(RequestContext context, DescribeClusterRequest request) {
    DescribeClusterResponseData data =
        new DescribeClusterResponseData()
            .setEndpointType(request.data().endpointType())
            .setClusterId(node.clusterId())
            .setControllerId(node.id());
    data.brokers()
        .add(
            new DescribeClusterBroker()
                .setBrokerId(node.id())
                .setHost(node.host())
                .setPort(node.port()));
    return new DescribeClusterResponse(data);
  }
}
