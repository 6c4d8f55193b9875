package io.takhin.broker.api;

import io.takhin.broker.log.LogStore;
import io.takhin.broker.log.Topic;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeConfigsResponse;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigType;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.storage.internals.log.LogConfig;

/** Settings of topics, which may change, and of the broker, which may not. */
final class ConfigsApi {
  private final Node node;
  private final Map<String, String> brokerSettings;
  private final LogStore store;

  ConfigsApi(Node node, BrokerSettings settings, LogStore store) {
    this.node = node;
    this.store = store;
    this.brokerSettings =
        new TreeMap<>(
            Map.of(
                "node.id", Integer.toString(node.id()),
                "auto.create.topics.enable", Boolean.toString(settings.autoCreateTopics()),
                "num.partitions", Integer.toString(settings.defaultPartitions()),
                "default.replication.factor", "1",
                "log.segment.bytes", Integer.toString(settings.defaultSegmentBytes()),
                "socket.request.max.bytes", Integer.toString(settings.maxRequestBytes())));
  }

  AbstractResponse describe(RequestContext context, DescribeConfigsRequest request) {
    DescribeConfigsResponseData data = new DescribeConfigsResponseData();
    for (DescribeConfigsResource asked : request.data().resources()) {
      DescribeConfigsResult result =
          new DescribeConfigsResult()
              .setResourceType(asked.resourceType())
              .setResourceName(asked.resourceName());
      try {
        describe(asked).stream()
            .filter(
                config ->
                    asked.configurationKeys() == null
                        || asked.configurationKeys().isEmpty()
                        || asked.configurationKeys().contains(config.name()))
            .forEach(result.configs()::add);
      } catch (ApiException e) {
        result.setErrorCode(Errors.forException(e).code()).setErrorMessage(e.getMessage());
      }
      data.results().add(result);
    }
    return new DescribeConfigsResponse(data);
  }

  private List<DescribeConfigsResourceResult> describe(DescribeConfigsResource asked) {
    return switch (ConfigResource.Type.forId(asked.resourceType())) {
      case TOPIC -> describeTopic(existing(asked.resourceName()));
      case BROKER -> describeBroker(asked.resourceName());
      default ->
          throw new InvalidRequestException(
              "this broker has settings of topics and of itself; asked for resource type "
                  + asked.resourceType());
    };
  }

  private List<DescribeConfigsResourceResult> describeBroker(String name) {
    if (!name.isEmpty() && !name.equals(Integer.toString(node.id()))) {
      throw new InvalidRequestException("broker id: expected " + node.id() + ", got " + name);
    }
    return brokerSettings.entrySet().stream()
        .map(
            setting ->
                new DescribeConfigsResourceResult()
                    .setName(setting.getKey())
                    .setValue(setting.getValue())
                    .setConfigSource(ConfigSource.STATIC_BROKER_CONFIG.id())
                    .setReadOnly(true))
        .toList();
  }

  private List<DescribeConfigsResourceResult> describeTopic(Topic topic) {
    LogConfig config = store.configs().logConfig(topic.config());
    return LogConfig.nonInternalConfigNames().stream()
        .map(name -> describe(topic, config, name))
        .toList();
  }

  private DescribeConfigsResourceResult describe(Topic topic, LogConfig config, String name) {
    ConfigDef.Type type = LogConfig.configType(name).orElseThrow();
    String value =
        name.equals(TopicConfig.SEGMENT_BYTES_CONFIG)
            ? Integer.toString(store.configs().segmentBytes(topic.config()))
            : ConfigDef.convertToString(config.values().get(name), type);
    ConfigSource source =
        topic.config().containsKey(name)
            ? ConfigSource.TOPIC_CONFIG
            : store.configs().isOfTheBroker(name)
                ? ConfigSource.STATIC_BROKER_CONFIG
                : ConfigSource.DEFAULT_CONFIG;
    return new DescribeConfigsResourceResult()
        .setName(name)
        .setValue(value)
        .setConfigSource(source.id())
        .setConfigType(typeId(type));
  }

  private static byte typeId(ConfigDef.Type type) {
    return switch (type) {
      case BOOLEAN -> ConfigType.BOOLEAN.id();
      case STRING -> ConfigType.STRING.id();
      case INT -> ConfigType.INT.id();
      case SHORT -> ConfigType.SHORT.id();
      case LONG -> ConfigType.LONG.id();
      case DOUBLE -> ConfigType.DOUBLE.id();
      case LIST -> ConfigType.LIST.id();
      case CLASS -> ConfigType.CLASS.id();
      case PASSWORD -> ConfigType.PASSWORD.id();
    };
  }

  AbstractResponse alter(RequestContext context, IncrementalAlterConfigsRequest request) {
    IncrementalAlterConfigsResponseData data = new IncrementalAlterConfigsResponseData();
    for (AlterConfigsResource asked : request.data().resources()) {
      AlterConfigsResourceResponse result =
          new AlterConfigsResourceResponse()
              .setResourceType(asked.resourceType())
              .setResourceName(asked.resourceName());
      try {
        alter(asked, request.data().validateOnly());
      } catch (ApiException e) {
        result.setErrorCode(Errors.forException(e).code()).setErrorMessage(e.getMessage());
      }
      data.responses().add(result);
    }
    return new IncrementalAlterConfigsResponse(data);
  }

  private void alter(AlterConfigsResource asked, boolean validateOnly) {
    if (ConfigResource.Type.forId(asked.resourceType()) != ConfigResource.Type.TOPIC) {
      throw new InvalidRequestException("only settings of topics can be changed while running");
    }
    TopicNames.checkOpen(asked.resourceName());
    Map<String, String> config = new HashMap<>(existing(asked.resourceName()).config());
    for (AlterableConfig change : asked.configs()) {
      switch (AlterConfigOp.OpType.forId(change.configOperation())) {
        case SET -> config.put(change.name(), change.value());
        case DELETE -> config.remove(change.name());
        default ->
            throw new InvalidRequestException(
                "config " + change.name() + ": only SET and DELETE are supported");
      }
    }
    store.configure(asked.resourceName(), config, validateOnly);
  }

  private Topic existing(String name) {
    return store
        .topic(name)
        .orElseThrow(() -> new UnknownTopicOrPartitionException("no such topic: " + name));
  }
}
