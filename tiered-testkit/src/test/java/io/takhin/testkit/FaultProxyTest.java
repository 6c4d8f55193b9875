package io.takhin.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The proxy in front of a server that answers every request with what it was sent. */
final class FaultProxyTest {
  private static final byte[] BODY = ContractSubject.bytes(200_000, 1);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private final FaultProxy proxy;

  FaultProxyTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    proxy = FaultProxy.start(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
  }

  @BeforeEach
  void startServer() {
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          seen.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
          exchange
              .getResponseHeaders()
              .add("seen-host", exchange.getRequestHeaders().getFirst("Host"));
          boolean head = exchange.getRequestMethod().equals("HEAD");
          boolean chunked = exchange.getRequestURI().getPath().endsWith("chunked");
          // The server's API: 0 means chunks, -1 no body.
          exchange.sendResponseHeaders(
              200, head || body.length == 0 ? -1 : chunked ? 0 : body.length);
          try (exchange) {
            if (!head && body.length > 0) {
              exchange.getResponseBody().write(body);
            }
          }
        });
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    proxy.assertAllFired();
    proxy.close();
    server.stop(0);
    threads.shutdownNow();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void passesBodiesOnUnchanged() throws Exception {
    // When
    HttpResponse<byte[]> byLength = send("PUT", "/bucket/key", BODY);
    HttpResponse<byte[]> inChunks = send("PUT", "/bucket/chunked", BODY);
    HttpResponse<byte[]> sentInChunks =
        client.send(
            HttpRequest.newBuilder(proxy.endpoint().resolve("/bucket/key"))
                .PUT(BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(BODY)))
                .build(),
            BodyHandlers.ofByteArray());

    // Then
    assertThat(byLength.body()).isEqualTo(BODY);
    assertThat(inChunks.body()).isEqualTo(BODY);
    assertThat(sentInChunks.body()).isEqualTo(BODY);
    assertThat(proxy.traffic().bytesUp()).isEqualTo(3L * BODY.length);
    assertThat(proxy.traffic().bytesDown()).isEqualTo(3L * BODY.length);
  }

  @Test
  void keepsTheHostTheClientSigned() throws Exception {
    // When
    HttpResponse<byte[]> response = send("GET", "/bucket/key", new byte[0]);

    // Then
    assertThat(response.headers().firstValue("seen-host"))
        .contains(proxy.endpoint().getAuthority());
  }

  @Test
  void invitesABodyThatIsAnnounced() throws Exception {
    // When
    HttpResponse<byte[]> response =
        client.send(
            HttpRequest.newBuilder(proxy.endpoint().resolve("/bucket/key"))
                .expectContinue(true)
                .PUT(BodyPublishers.ofByteArray(BODY))
                .build(),
            BodyHandlers.ofByteArray());

    // Then
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(BODY);
  }

  @Test
  void countsRequestsByOperation() throws Exception {
    // When
    send("PUT", "/bucket/a/b", new byte[0]);
    send("HEAD", "/bucket/a/b", new byte[0]);
    send("GET", "/bucket/a/b?versionId=1", new byte[0]);
    send("DELETE", "/bucket/a/b", new byte[0]);
    send("POST", "/bucket/a/b?uploads", new byte[0]);
    send("PUT", "/bucket/a/b?partNumber=1&uploadId=x", new byte[0]);
    copy("/bucket/a/b");
    copy("/bucket/a/b?partNumber=1&uploadId=x");
    send("GET", "/bucket/a/b?uploadId=x", new byte[0]);
    send("POST", "/bucket/a/b?uploadId=x", new byte[0]);
    send("DELETE", "/bucket/a/b?uploadId=x", new byte[0]);
    send("GET", "/bucket?list-type=2&prefix=a%2F", new byte[0]);
    send("GET", "/bucket/?uploads=", new byte[0]);
    send("POST", "/bucket/?delete", new byte[0]);
    send("HEAD", "/bucket", new byte[0]);
    send("PUT", "/bucket", new byte[0]);

    // Then
    ProxyTraffic traffic = proxy.traffic();
    for (S3Operation operation : S3Operation.values()) {
      assertThat(traffic.requests(operation)).as(operation.name()).isEqualTo(1);
    }
    assertThat(traffic.totalRequests()).isEqualTo(16);
    proxy.resetTraffic();
    assertThat(proxy.traffic().totalRequests()).isZero();
  }

  @Test
  void answersSlowDownForAWhile() throws Exception {
    // Given
    Fault fault = proxy.on(S3Operation.PUT_OBJECT).times(2).slowDown();

    // When
    List<Integer> statuses =
        List.of(
            send("PUT", "/bucket/key", BODY).statusCode(),
            send("PUT", "/bucket/key", BODY).statusCode(),
            send("PUT", "/bucket/key", BODY).statusCode());

    // Then
    assertThat(statuses).containsExactly(503, 503, 200);
    assertThat(fault.fired()).isEqualTo(2);
    assertThat(seen).hasSize(1);
    assertThat(proxy.traffic().requests(S3Operation.PUT_OBJECT)).isEqualTo(3);
  }

  @Test
  void wordsARefusalAsS3Does() throws Exception {
    // Given
    proxy
        .on()
        .targets(target -> target.contains("secret"))
        .refuse(403, "Forbidden", "AccessDenied");

    // When
    HttpResponse<byte[]> refused = send("GET", "/bucket/secret", new byte[0]);

    // Then
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(new String(refused.body(), StandardCharsets.UTF_8))
        .contains("<Code>AccessDenied</Code>");
    assertThat(send("HEAD", "/bucket/secret", new byte[0]).statusCode()).isEqualTo(403);
    assertThat(send("GET", "/bucket/public", new byte[0]).statusCode()).isEqualTo(200);
  }

  @Test
  void addsLatency() throws Exception {
    // Given
    proxy.on().latency(Duration.ofMillis(60));
    long startNanos = System.nanoTime();

    // When
    send("GET", "/bucket/key", new byte[0]);

    // Then
    assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
        .isGreaterThanOrEqualTo(Duration.ofMillis(60));
  }

  @Test
  void resetsBeforeTheServerLearnsOfARequest() {
    // Given
    proxy.on(S3Operation.PUT_OBJECT).reset();

    // When / Then
    assertThatThrownBy(() -> send("PUT", "/bucket/key", BODY)).isInstanceOf(IOException.class);
    assertThat(seen).isEmpty();
  }

  @Test
  void losesAResponseAfterTheServerHasActed() {
    // Given
    proxy.on(S3Operation.PUT_OBJECT).loseResponse();

    // When / Then
    assertThatThrownBy(() -> send("PUT", "/bucket/key", BODY)).isInstanceOf(IOException.class);
    assertThat(seen).containsOnly("PUT /bucket/key");
  }

  @Test
  void truncatesAResponse() {
    // Given
    proxy.on(S3Operation.PUT_OBJECT).truncate(100_000);

    // When / Then
    assertThatThrownBy(() -> send("PUT", "/bucket/key", BODY)).isInstanceOf(IOException.class);
    assertThat(proxy.traffic().bytesDown()).isLessThan(BODY.length);
  }

  @Test
  void doesNotCountATruncationPastTheEnd() throws Exception {
    try (FaultProxy other = FaultProxy.start(proxy.endpoint())) {
      // Given
      Fault fault = other.on(S3Operation.PUT_OBJECT).truncate(BODY.length);
      HttpRequest request =
          HttpRequest.newBuilder(other.endpoint().resolve("/bucket/key"))
              .PUT(BodyPublishers.ofByteArray(BODY))
              .build();

      // When
      HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());

      // Then
      assertThat(response.body()).isEqualTo(BODY);
      assertThat(fault.fired()).isZero();
      assertThatThrownBy(other::assertAllFired).hasMessageContaining("truncate after 200000 bytes");
    }
  }

  @Test
  void hangsWithinADownloadUntilReleased() throws Exception {
    // Given
    Fault fault = proxy.on(S3Operation.PUT_OBJECT).hangDownload(1_000);
    CompletableFuture<HttpResponse<byte[]>> response = sendAsync("PUT", "/bucket/key", BODY);
    await().until(() -> fault.fired() == 1);
    assertThat(response).isNotDone();

    // When
    fault.release();

    // Then
    assertThat(response.get(3, TimeUnit.MINUTES).body()).isEqualTo(BODY);
  }

  @Test
  void hangsWithinAnUploadUntilReleased() throws Exception {
    // Given
    Fault fault = proxy.on(S3Operation.PUT_OBJECT).hangUpload(150_000);
    CompletableFuture<HttpResponse<byte[]>> response = sendAsync("PUT", "/bucket/key", BODY);
    await().until(() -> fault.fired() == 1);
    assertThat(seen).isEmpty();

    // When
    fault.release();

    // Then
    assertThat(Arrays.equals(response.get(3, TimeUnit.MINUTES).body(), BODY)).isTrue();
  }

  @Test
  void closesWhileARequestHangs() throws Exception {
    // Given
    Fault fault = proxy.on(S3Operation.PUT_OBJECT).hangUpload(0);
    CompletableFuture<HttpResponse<byte[]>> response = sendAsync("PUT", "/bucket/key", BODY);
    await().until(() -> fault.fired() == 1);

    // When
    proxy.close();

    // Then
    assertThat(response).failsWithin(Duration.ofMinutes(3));
  }

  @Test
  void goesDownAndComesUpAtTheSameAddress() throws Exception {
    // Given
    URI endpoint = proxy.endpoint();
    send("GET", "/bucket/key", new byte[0]);

    // When / Then
    proxy.goDown();
    assertThatThrownBy(() -> send("GET", "/bucket/key", new byte[0]))
        .isInstanceOf(ConnectException.class);
    proxy.comeUp();
    assertThat(send("GET", "/bucket/key", new byte[0]).statusCode()).isEqualTo(200);
    assertThat(proxy.endpoint()).isEqualTo(endpoint);
  }

  @Test
  void refusesServersItCannotReach() {
    assertThatThrownBy(() -> FaultProxy.start(URI.create("https://127.0.0.1:1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("https://127.0.0.1:1");
  }

  private void copy(String target) throws Exception {
    client.send(
        HttpRequest.newBuilder(proxy.endpoint().resolve(target))
            .header("x-amz-copy-source", "/bucket/c")
            .PUT(BodyPublishers.noBody())
            .build(),
        BodyHandlers.discarding());
  }

  private HttpResponse<byte[]> send(String method, String target, byte[] body) throws Exception {
    return client.send(request(method, target, body), BodyHandlers.ofByteArray());
  }

  private CompletableFuture<HttpResponse<byte[]>> sendAsync(
      String method, String target, byte[] body) {
    return client.sendAsync(request(method, target, body), BodyHandlers.ofByteArray());
  }

  private HttpRequest request(String method, String target, byte[] body) {
    return HttpRequest.newBuilder(URI.create(proxy.endpoint() + target))
        .timeout(Duration.ofMinutes(3))
        .method(
            method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
        .build();
  }
}
