package io.takhin.console;

import static io.takhin.console.RunningConsole.API;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GuardTest {
  private RunningConsole console;

  @BeforeAll
  void start(@TempDir Path data) throws Exception {
    console = RunningConsole.start(data);
  }

  @AfterAll
  void stop() throws Exception {
    console.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:8080", "127.0.0.1.evil.example", "10.0.0.1"})
  void aHostThatIsNotLoopbackIsTurnedAway(String host) throws Exception {
    assertThat(rawWithHost(host)).startsWith("HTTP/1.1 421 ").contains("host-not-allowed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LOCALHOST:1", "127.0.0.1", "127.1.2.3:80", "[::1]:8080"})
  void aLoopbackHostIsServed(String host) throws Exception {
    assertThat(rawWithHost(host)).startsWith("HTTP/1.1 200 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "application/jsonp"})
  void aPostThatAFormCouldSendIsTurnedAway(String contentType) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(console.uri(API + "/policy/run"))
            .header("Content-Type", contentType)
            .POST(BodyPublishers.ofString("{}"));

    console.send(request).expectProblem(415, "media-type-unsupported");
  }

  @Test
  void aPutThatIsNotJsonIsTurnedAway() throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(console.uri(API + "/limits"))
            .header("Content-Type", "text/plain")
            .PUT(BodyPublishers.ofString("{\"upload_bytes_per_second\":1024}"));

    console.send(request).expectProblem(415, "media-type-unsupported");
    assertThat(console.tiered.limits().uploadBytesPerSecond()).isZero();
  }

  @Test
  void aPostWithoutATypeIsTurnedAway() throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(console.uri(API + "/policy/run")).POST(BodyPublishers.noBody());

    console.send(request).expectProblem(415, "media-type-unsupported");
  }

  @Test
  void anotherOriginIsNeverAllowed() throws Exception {
    // When
    Answer preflight =
        console.send(
            HttpRequest.newBuilder(console.uri(API + "/archive"))
                .header("Origin", "https://evil.example")
                .header("Access-Control-Request-Method", "POST")
                .method("OPTIONS", BodyPublishers.noBody()));

    // Then
    preflight.expectProblem(405, "method-not-allowed");
    assertThat(preflight.response().headers().map().keySet())
        .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control"));
  }

  @ParameterizedTest
  @CsvSource({
    "DELETE, /api/v1/tiered/archive, POST",
    "GET, /api/v1/tiered/archive, POST",
    "POST, /api/v1/tiered/stats, GET",
    "PUT, /api/v1/tiered/segments, GET",
    "POST, /metrics, GET"
  })
  void aWrongMethodIsToldTheRightOne(String method, String path, String allowed) throws Exception {
    Answer answer =
        console.send(
            HttpRequest.newBuilder(console.uri(path)).method(method, BodyPublishers.noBody()));

    answer.expectProblem(405, "method-not-allowed");
    assertThat(answer.header("Allow")).isEqualTo(allowed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/nothing",
        "/api/v1/tiered",
        "/api/v1/tiered/segment/x",
        "/health",
        "/index.html"
      })
  void anUnknownRouteIsNotFound(String path) throws Exception {
    assertThat(console.get(path).expectProblem(404, "route-unknown").path("instance").asText())
        .isEqualTo(path);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GARBAGE",
        "GET /%zz HTTP/1.1\r\nHost: localhost",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b",
        "GET / HTTP/1.1"
      })
  void whatIsNotHttpIsRefusedAsAProblemToo(String request) throws Exception {
    String answer = console.raw(request + "\r\nConnection: close\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 400 ").contains("application/problem+json");
    assertThat(answer).contains("X-Content-Type-Options: nosniff").doesNotContain("Exception");
  }

  @Test
  void headersThatAreTooLongAreRefused() throws Exception {
    String answer =
        console.raw("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(20_000) + "\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 431 ").contains("application/problem+json");
  }

  @Test
  void everyAnswerTellsBrowsersToBeCareful() throws Exception {
    for (String path : new String[] {"/", API + "/stats", "/nothing", "/metrics"}) {
      Answer answer = console.get(path);

      assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(answer.header("X-Frame-Options")).isEqualTo("DENY");
      assertThat(answer.header("Content-Security-Policy"))
          .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
          .doesNotContain("unsafe");
      assertThat(answer.header("Server")).isEmpty();
    }
  }

  private String rawWithHost(String host) throws Exception {
    return console.raw(
        "GET /health/live HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  }
}
