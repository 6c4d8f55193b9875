package io.takhin.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.LeaveGroupResponse;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireIT {
  private static final int MAX_REQUEST_BYTES = 100_000;

  @TempDir Path dataDir;
  private Broker broker;
  private Clients clients;
  private final List<Socket> sockets = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    broker =
        Broker.start(
            TestOptions.of(dataDir).maxRequestBytes(MAX_REQUEST_BYTES).maxConnections(8).build());
    clients = new Clients(broker.port());
  }

  @AfterEach
  void stop() throws Exception {
    for (Socket socket : sockets) {
      socket.close();
    }
    broker.close();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), broker.port());
    socket.setSoTimeout(60_000);
    sockets.add(socket);
    return socket;
  }

  private static void send(Socket socket, byte[] frame) throws IOException {
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    out.writeInt(frame.length);
    out.write(frame);
    out.flush();
  }

  private static AbstractResponse ask(
      Socket socket, ApiKeys api, int version, int parseVersion, ApiMessage request)
      throws IOException {
    RequestHeader header = new RequestHeader(api, (short) parseVersion, "test", 7);
    ByteBuffer head =
        MessageUtil.toByteBufferAccessor(header.data(), header.headerVersion()).buffer();
    // The version is set afterwards, so that versions can be asked for that do not exist.
    head.putShort(2, (short) version);
    ByteBuffer body = MessageUtil.toByteBufferAccessor(request, (short) parseVersion).buffer();
    byte[] frame = new byte[head.remaining() + body.remaining()];
    int headSize = head.remaining();
    head.get(frame, 0, headSize);
    body.get(frame, headSize, body.remaining());
    send(socket, frame);
    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte[] answer = new byte[in.readInt()];
    in.readFully(answer);
    ByteBuffer buffer = ByteBuffer.wrap(answer);
    int answered = version > api.latestVersion() ? 0 : parseVersion;
    ResponseHeader.parse(buffer, api.responseHeaderVersion((short) answered));
    return AbstractResponse.parseResponse(api, new ByteBufferAccessor(buffer), (short) answered);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 11})
  void offsetsAreListedInEveryVersion(int version) throws Exception {
    // Given
    clients.send("t", List.of("a", "b", "c"));
    ListOffsetsRequestData request = new ListOffsetsRequestData().setReplicaId(-1);
    request
        .topics()
        .add(
            new ListOffsetsTopic()
                .setName("t")
                .setPartitions(
                    List.of(new ListOffsetsPartition().setPartitionIndex(0).setTimestamp(-1))));

    // When
    ListOffsetsResponse response =
        (ListOffsetsResponse) ask(connect(), ApiKeys.LIST_OFFSETS, version, version, request);

    // Then
    assertThat(response.topics().get(0).partitions().get(0).errorCode()).isZero();
    assertThat(response.topics().get(0).partitions().get(0).offset()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aMemberLeavesInVersionsThatNameOnlyOne(int version) throws Exception {
    // Given
    Socket socket = connect();
    JoinGroupRequestData join =
        new JoinGroupRequestData()
            .setGroupId("g")
            .setMemberId("")
            .setProtocolType("consumer")
            .setSessionTimeoutMs(10_000);
    join.protocols()
        .add(new JoinGroupRequestProtocol().setName("range").setMetadata(new byte[] {0, 0}));
    join.setRebalanceTimeoutMs(10_000);
    JoinGroupResponse joined = // A coordinator that was just started loads its groups first.
        await()
            .atMost(Clients.LONG_ENOUGH)
            .until(
                () -> (JoinGroupResponse) ask(socket, ApiKeys.JOIN_GROUP, 2, 2, join),
                answer -> answer.error() != Errors.COORDINATOR_LOAD_IN_PROGRESS);
    assertThat(joined.error()).isEqualTo(Errors.NONE);

    // When
    LeaveGroupResponse left =
        (LeaveGroupResponse)
            ask(
                socket,
                ApiKeys.LEAVE_GROUP,
                version,
                version,
                new LeaveGroupRequestData().setGroupId("g").setMemberId(joined.data().memberId()));

    // Then
    assertThat(left.topLevelError()).isEqualTo(Errors.NONE);
  }

  @Test
  void anUnknownVersionOfApiVersionsIsAnsweredWithTheOnesThatAreKnown() throws Exception {
    // When
    ApiVersionsResponse response =
        (ApiVersionsResponse)
            ask(connect(), ApiKeys.API_VERSIONS, 99, 4, new ApiVersionsRequestData());

    // Then
    assertThat(response.data().errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
    assertThat(response.apiVersion(ApiKeys.API_VERSIONS.id)).isNotNull();
  }

  @Test
  void requestsForRecordsNeverNameTopicsById() throws Exception {
    ApiVersionsResponse response =
        (ApiVersionsResponse)
            ask(connect(), ApiKeys.API_VERSIONS, 0, 0, new ApiVersionsRequestData());

    assertThat(response.apiVersion(ApiKeys.FETCH.id).maxVersion()).isEqualTo((short) 12);
    assertThat(response.apiVersion(ApiKeys.PRODUCE.id).maxVersion()).isEqualTo((short) 12);
    assertThat(response.apiVersion(ApiKeys.OFFSET_COMMIT.id).maxVersion()).isEqualTo((short) 9);
    assertThat(response.apiVersion(ApiKeys.END_TXN.id)).isNull();
  }

  @Test
  void badBytesCloseTheirConnectionAndNoOther() throws Exception {
    // Given
    Socket good = connect();
    List<byte[]> bad =
        List.of(
            new byte[0],
            new byte[] {1},
            "GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
            ByteBuffer.allocate(64).putShort((short) 999).putShort((short) 1).array(),
            ByteBuffer.allocate(64).putShort((short) 1).putShort((short) 77).array(),
            ByteBuffer.allocate(40)
                .putShort((short) 0)
                .putShort((short) 9)
                .putInt(1)
                .putShort((short) -1)
                .array());

    for (byte[] frame : bad) {
      // When
      Socket socket = connect();
      send(socket, frame);

      // Then
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(ask(good, ApiKeys.API_VERSIONS, 0, 0, new ApiVersionsRequestData())).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {MAX_REQUEST_BYTES + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE})
  void aRequestOfImpossibleSizeClosesItsConnection(int size) throws Exception {
    // Given
    Socket socket = connect();

    // When
    new DataOutputStream(socket.getOutputStream()).writeInt(size);

    // Then
    assertThat(socket.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void connectionsAboveTheBoundAreClosedUntilOthersEnd() throws Exception {
    // Given
    for (int i = 0; i < 8; i++) {
      ask(connect(), ApiKeys.API_VERSIONS, 0, 0, new ApiVersionsRequestData());
    }

    // When
    Socket tooMany = connect();

    // Then
    assertThat(tooMany.getInputStream().read()).isEqualTo(-1);
    sockets.get(0).close();
    await()
        .atMost(Clients.LONG_ENOUGH)
        .until(
            () -> {
              try {
                ask(connect(), ApiKeys.API_VERSIONS, 0, 0, new ApiVersionsRequestData());
                return true;
              } catch (IOException e) {
                return false;
              }
            });
  }
}
