package io.takhin.broker.api;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;
import org.apache.kafka.common.requests.ConsumerGroupDescribeResponse;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DeleteGroupsResponse;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.DescribeGroupsResponse;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupResponse;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.apache.kafka.common.requests.ListGroupsResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.requests.SyncGroupResponse;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** Membership of consumer groups, of both protocols; the coordinator decides everything. */
final class GroupsApi {
  private final Node node;
  private final GroupCoordinator coordinator;

  GroupsApi(Node node, GroupCoordinator coordinator) {
    this.node = node;
    this.coordinator = coordinator;
  }

  AbstractResponse findCoordinator(RequestContext context, FindCoordinatorRequest request) {
    CoordinatorType type = CoordinatorType.forId(request.data().keyType());
    if (context.apiVersion() < FindCoordinatorRequest.MIN_BATCHED_VERSION) {
      Coordinator found = locate(type, request.data().key());
      return new FindCoordinatorResponse(
          new FindCoordinatorResponseData()
              .setErrorCode(found.errorCode())
              .setErrorMessage(found.errorMessage())
              .setNodeId(found.nodeId())
              .setHost(found.host())
              .setPort(found.port()));
    }
    FindCoordinatorResponseData data = new FindCoordinatorResponseData();
    request.data().coordinatorKeys().forEach(key -> data.coordinators().add(locate(type, key)));
    return new FindCoordinatorResponse(data);
  }

  private Coordinator locate(CoordinatorType type, String key) {
    Coordinator found = new Coordinator().setKey(key);
    if (type == CoordinatorType.GROUP) {
      return found.setNodeId(node.id()).setHost(node.host()).setPort(node.port());
    }
    return found
        .setNodeId(-1)
        .setHost("")
        .setPort(-1)
        .setErrorCode(Errors.INVALID_REQUEST.code())
        .setErrorMessage(
            type == CoordinatorType.TRANSACTION
                ? "transactions are not supported by this broker"
                : "share groups are not supported by this broker");
  }

  CompletableFuture<AbstractResponse> join(RequestContext context, JoinGroupRequest request) {
    return coordinator
        .joinGroup(context, request.data(), BufferSupplier.NO_CACHING)
        .thenApply(data -> new JoinGroupResponse(data, context.apiVersion()));
  }

  CompletableFuture<AbstractResponse> sync(RequestContext context, SyncGroupRequest request) {
    return coordinator
        .syncGroup(context, request.data(), BufferSupplier.NO_CACHING)
        .thenApply(SyncGroupResponse::new);
  }

  CompletableFuture<AbstractResponse> heartbeat(RequestContext context, HeartbeatRequest request) {
    return coordinator.heartbeat(context, request.data()).thenApply(HeartbeatResponse::new);
  }

  CompletableFuture<AbstractResponse> leave(RequestContext context, LeaveGroupRequest request) {
    // Old versions name one member outside of the list that newer ones have, and are answered so.
    return coordinator
        .leaveGroup(context, request.normalizedData())
        .thenApply(data -> new LeaveGroupResponse(data, context.apiVersion()));
  }

  CompletableFuture<AbstractResponse> list(RequestContext context, ListGroupsRequest request) {
    return coordinator.listGroups(context, request.data()).thenApply(ListGroupsResponse::new);
  }

  CompletableFuture<AbstractResponse> describe(
      RequestContext context, DescribeGroupsRequest request) {
    return coordinator
        .describeGroups(context, request.data().groups())
        .thenApply(
            groups ->
                new DescribeGroupsResponse(
                    new DescribeGroupsResponseData().setGroups(new ArrayList<>(groups))));
  }

  CompletableFuture<AbstractResponse> delete(RequestContext context, DeleteGroupsRequest request) {
    List<String> groups = request.data().groupsNames();
    return coordinator
        .deleteGroups(context, groups, BufferSupplier.NO_CACHING)
        .thenApply(
            results ->
                new DeleteGroupsResponse(new DeleteGroupsResponseData().setResults(results)));
  }

  CompletableFuture<AbstractResponse> consumerHeartbeat(
      RequestContext context, ConsumerGroupHeartbeatRequest request) {
    return coordinator
        .consumerGroupHeartbeat(context, request.data())
        .thenApply(ConsumerGroupHeartbeatResponse::new);
  }

  CompletableFuture<AbstractResponse> consumerDescribe(
      RequestContext context, ConsumerGroupDescribeRequest request) {
    return coordinator
        .consumerGroupDescribe(context, request.data().groupIds())
        .thenApply(
            groups ->
                new ConsumerGroupDescribeResponse(
                    new ConsumerGroupDescribeResponseData().setGroups(new ArrayList<>(groups))));
  }
}
