package io.takhin.broker.api;

import io.takhin.broker.log.LogStore;
import io.takhin.broker.log.Topic;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreatePartitionsResponse;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsResponse;
import org.apache.kafka.common.requests.RequestContext;

/** Creating and deleting topics. */
final class TopicsApi {
  private static final short REPLICAS = 1;
  private static final short BROKER_DEFAULT = -1;

  /** The first version that names topics by id. */
  private static final int DELETE_BY_ID_VERSION = 6;

  private final LogStore store;

  TopicsApi(LogStore store) {
    this.store = store;
  }

  AbstractResponse create(RequestContext context, CreateTopicsRequest request) {
    CreateTopicsResponseData data = new CreateTopicsResponseData();
    for (CreatableTopic asked : request.data().topics()) {
      CreatableTopicResult result = new CreatableTopicResult().setName(asked.name());
      try {
        Topic topic = create(asked, request.data().validateOnly());
        result
            .setTopicId(request.data().validateOnly() ? Uuid.ZERO_UUID : topic.id())
            .setNumPartitions(topic.partitions())
            .setReplicationFactor(REPLICAS);
      } catch (ApiException e) {
        result.setErrorCode(Errors.forException(e).code()).setErrorMessage(e.getMessage());
      }
      data.topics().add(result);
    }
    return new CreateTopicsResponse(data);
  }

  private Topic create(CreatableTopic asked, boolean validateOnly) {
    TopicNames.checkOpen(asked.name());
    int partitions = asked.numPartitions();
    if (!asked.assignments().isEmpty()) {
      if (asked.assignments().stream().anyMatch(each -> each.brokerIds().size() != REPLICAS)) {
        throw new InvalidReplicaAssignmentException("this broker is the only one");
      }
      partitions = asked.assignments().size();
    } else if (asked.replicationFactor() != REPLICAS
        && asked.replicationFactor() != BROKER_DEFAULT) {
      throw new InvalidReplicationFactorException(
          "replication factor: expected 1, this broker is the only one; got "
              + asked.replicationFactor());
    } else if (partitions == 0 || partitions < BROKER_DEFAULT) {
      throw new InvalidPartitionsException("partitions: expected at least 1, got " + partitions);
    }
    Map<String, String> config = new HashMap<>();
    asked
        .configs()
        .forEach(
            each -> {
              if (each.value() == null) {
                throw new InvalidRequestException("config " + each.name() + " has no value");
              }
              config.put(each.name(), each.value());
            });
    return validateOnly
        ? store.check(asked.name(), partitions, config)
        : store.create(asked.name(), partitions, config);
  }

  AbstractResponse delete(RequestContext context, DeleteTopicsRequest request) {
    DeleteTopicsResponseData data = new DeleteTopicsResponseData();
    if (context.apiVersion() < DELETE_BY_ID_VERSION) {
      for (String name : request.data().topicNames()) {
        data.responses().add(delete(new DeleteTopicState().setName(name)));
      }
    } else {
      for (DeleteTopicState asked : request.data().topics()) {
        data.responses().add(delete(asked));
      }
    }
    return new DeleteTopicsResponse(data);
  }

  private DeletableTopicResult delete(DeleteTopicState asked) {
    DeletableTopicResult result =
        new DeletableTopicResult().setName(asked.name()).setTopicId(asked.topicId());
    try {
      Topic topic = find(asked);
      TopicNames.checkOpen(topic.name());
      store.delete(topic.name());
      return result.setName(topic.name()).setTopicId(topic.id());
    } catch (ApiException e) {
      return result.setErrorCode(Errors.forException(e).code()).setErrorMessage(e.getMessage());
    }
  }

  private Topic find(DeleteTopicState asked) {
    if (asked.name() != null) {
      return store
          .topic(asked.name())
          .orElseThrow(
              () -> new UnknownTopicOrPartitionException("no such topic: " + asked.name()));
    }
    return store
        .topic(asked.topicId())
        .orElseThrow(() -> new UnknownTopicIdException("no topic has the id " + asked.topicId()));
  }

  AbstractResponse addPartitions(RequestContext context, CreatePartitionsRequest request) {
    CreatePartitionsResponseData data = new CreatePartitionsResponseData();
    for (CreatePartitionsTopic asked : request.data().topics()) {
      CreatePartitionsTopicResult result = new CreatePartitionsTopicResult().setName(asked.name());
      try {
        TopicNames.checkOpen(asked.name());
        if (!request.data().validateOnly()) {
          store.addPartitions(asked.name(), asked.count());
        }
      } catch (ApiException e) {
        result.setErrorCode(Errors.forException(e).code()).setErrorMessage(e.getMessage());
      }
      data.results().add(result);
    }
    return new CreatePartitionsResponse(data);
  }
}
