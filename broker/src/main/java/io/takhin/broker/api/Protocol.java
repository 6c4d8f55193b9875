package io.takhin.broker.api;

import io.takhin.broker.group.Groups;
import io.takhin.broker.log.LogStore;
import io.takhin.broker.log.ProducerIds;
import io.takhin.broker.net.Answer;
import io.takhin.broker.net.RequestHandler;
import io.takhin.broker.net.UnanswerableRequestException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Understands frames: parses them, finds who answers, and turns the answer into bytes.
 *
 * <p>Versions are capped where newer ones name topics by id only, so that all requests for records
 * and offsets name topics by name. Fetch sessions are refused (session id 0), which every client
 * accepts, and transactions are not offered.
 */
public final class Protocol implements RequestHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Protocol.class);

  private record Entry(short minVersion, short maxVersion, Api<AbstractRequest> api) {}

  private final Map<ApiKeys, Entry> entries = new EnumMap<>(ApiKeys.class);

  public Protocol(
      Node node,
      BrokerSettings settings,
      LogStore store,
      Groups groups,
      ProducerIds producerIds,
      FetchApi fetch) {
    ClusterApi cluster = new ClusterApi(node, settings, store);
    TopicsApi topics = new TopicsApi(store);
    ConfigsApi configs = new ConfigsApi(node, settings, store);
    OffsetsApi offsets = new OffsetsApi(store, settings.coldReadTimeout());
    ProduceApi produce = new ProduceApi(store, producerIds);
    GroupsApi group = new GroupsApi(node, groups.coordinator());
    OffsetCommitsApi commits = new OffsetCommitsApi(store, groups.coordinator());

    put(ApiKeys.API_VERSIONS, Api.direct(this::versions));
    put(ApiKeys.METADATA, Api.direct(cluster::metadata));
    put(ApiKeys.DESCRIBE_CLUSTER, Api.direct(cluster::describe));
    put(ApiKeys.PRODUCE, 12, produce::produce);
    put(ApiKeys.INIT_PRODUCER_ID, 5, Api.direct(produce::initProducerId));
    put(ApiKeys.FETCH, 12, fetch::fetch);
    put(ApiKeys.LIST_OFFSETS, Api.direct(offsets::list));
    put(ApiKeys.OFFSET_FOR_LEADER_EPOCH, Api.direct(offsets::forLeaderEpoch));
    put(ApiKeys.DELETE_RECORDS, Api.direct(offsets::deleteRecords));
    put(ApiKeys.CREATE_TOPICS, Api.direct(topics::create));
    put(ApiKeys.DELETE_TOPICS, Api.direct(topics::delete));
    put(ApiKeys.CREATE_PARTITIONS, Api.direct(topics::addPartitions));
    put(ApiKeys.DESCRIBE_CONFIGS, Api.direct(configs::describe));
    put(ApiKeys.INCREMENTAL_ALTER_CONFIGS, Api.direct(configs::alter));
    put(ApiKeys.FIND_COORDINATOR, Api.direct(group::findCoordinator));
    put(ApiKeys.JOIN_GROUP, Api.eventual(group::join));
    put(ApiKeys.SYNC_GROUP, Api.eventual(group::sync));
    put(ApiKeys.HEARTBEAT, Api.eventual(group::heartbeat));
    put(ApiKeys.LEAVE_GROUP, Api.eventual(group::leave));
    put(ApiKeys.LIST_GROUPS, Api.eventual(group::list));
    put(ApiKeys.DESCRIBE_GROUPS, Api.eventual(group::describe));
    put(ApiKeys.DELETE_GROUPS, Api.eventual(group::delete));
    put(ApiKeys.CONSUMER_GROUP_HEARTBEAT, Api.eventual(group::consumerHeartbeat));
    put(ApiKeys.CONSUMER_GROUP_DESCRIBE, Api.eventual(group::consumerDescribe));
    put(ApiKeys.OFFSET_COMMIT, 9, Api.eventual(commits::commit));
    put(ApiKeys.OFFSET_FETCH, 9, Api.eventual(commits::fetch));
    put(ApiKeys.OFFSET_DELETE, Api.eventual(commits::delete));
  }

  private <T extends AbstractRequest> void put(ApiKeys key, Api<T> api) {
    put(key, key.latestVersion(), api);
  }

  @SuppressWarnings("unchecked") // A request's class follows from its key, by Kafka's own parser.
  private <T extends AbstractRequest> void put(ApiKeys key, int maxVersion, Api<T> api) {
    entries.put(
        key, new Entry(key.oldestVersion(), (short) maxVersion, (Api<AbstractRequest>) api));
  }

  @Override
  public Optional<Answer> answer(ByteBuffer frame, InetAddress client, String connectionId)
      throws UnanswerableRequestException {
    RequestHeader header = header(frame);
    Entry entry = entries.get(header.apiKey());
    boolean supported =
        entry != null
            && header.apiVersion() >= entry.minVersion()
            && header.apiVersion() <= entry.maxVersion();
    // A client that asks for versions in a version we do not know is told which ones we do.
    if (entry == null || (!supported && header.apiKey() != ApiKeys.API_VERSIONS)) {
      throw new UnanswerableRequestException(
          "unsupported request: api="
              + header.apiKey().name
              + " version="
              + header.apiVersion()
              + " client-id="
              + header.clientId());
    }
    RequestContext context =
        new RequestContext(
            header,
            connectionId,
            client,
            KafkaPrincipal.ANONYMOUS,
            ListenerName.forSecurityProtocol(SecurityProtocol.PLAINTEXT),
            SecurityProtocol.PLAINTEXT,
            ClientInformation.EMPTY,
            false);
    AbstractRequest request = parse(context, frame);
    Reply reply = reply(entry.api(), context, request);
    return reply
        .response()
        .map(
            response ->
                new Answer(
                    context.buildResponseSend(response), reply.release(), reply.pauseMillis()));
  }

  private static RequestHeader header(ByteBuffer frame) throws UnanswerableRequestException {
    try {
      return RequestHeader.parse(frame);
    } catch (RuntimeException e) {
      throw new UnanswerableRequestException("malformed request header: " + e.getMessage(), e);
    }
  }

  private static AbstractRequest parse(RequestContext context, ByteBuffer frame)
      throws UnanswerableRequestException {
    try {
      return context.parseRequest(frame).request;
    } catch (RuntimeException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new UnanswerableRequestException(
          "malformed request: api=" + context.header.apiKey().name + " problem=" + cause, e);
    }
  }

  private static Reply reply(
      Api<AbstractRequest> api, RequestContext context, AbstractRequest request)
      throws UnanswerableRequestException {
    try {
      return api.answer(context, request);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnanswerableRequestException("interrupted while answering", e);
    } catch (RuntimeException e) {
      if (!(e instanceof ApiException)) {
        LOG.error(
            "request failed: api={} version={} client={}",
            context.header.apiKey().name,
            context.apiVersion(),
            context.connectionId(),
            e);
      }
      AbstractResponse error = request.getErrorResponse(e);
      if (error == null) {
        throw new UnanswerableRequestException("failed, and the client wants no answer", e);
      }
      return Reply.of(error);
    }
  }

  private AbstractResponse versions(RequestContext context, ApiVersionsRequest request) {
    if (request.hasUnsupportedRequestVersion()) {
      return request.getErrorResponse(
          0, new UnsupportedVersionException("ApiVersions " + context.apiVersion()));
    }
    if (!request.isValid()) {
      return request.getErrorResponse(
          0,
          new org.apache.kafka.common.errors.InvalidRequestException(
              "client name or version not valid"));
    }
    ApiVersionsResponseData data = new ApiVersionsResponseData();
    entries.forEach(
        (key, entry) ->
            data.apiKeys()
                .add(
                    new ApiVersion()
                        .setApiKey(key.id)
                        .setMinVersion(
                            // Older librdkafka stops talking to a broker that does not claim 0.
                            key == ApiKeys.PRODUCE
                                ? ApiKeys.PRODUCE_API_VERSIONS_RESPONSE_MIN_VERSION
                                : entry.minVersion())
                        .setMaxVersion(entry.maxVersion())));
    return new ApiVersionsResponse(data);
  }
}
