package io.takhin.embedded.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedS3IT {
  private static final Duration SOON = Duration.ofMinutes(3);

  @TempDir Path dir;

  @Test
  void answersOnLoopbackWithItsBucketInPlace() throws Exception {
    // When
    try (EmbeddedS3 server = EmbeddedS3.start(EmbeddedS3Options.onFreePort(dir, "bucket"))) {
      // Then
      assertThat(server.endpoint().getHost()).isEqualTo("127.0.0.1");
      assertThat(get(server.endpoint().resolve("/bucket?list-type=2")).statusCode()).isEqualTo(200);
      assertThat(server.isAlive()).isTrue();
    }
  }

  @Test
  void keepsObjectsWhenItIsKilledAndStartedAgain() throws Exception {
    // Given
    EmbeddedS3Options options = EmbeddedS3Options.onFreePort(dir, "bucket");
    try (EmbeddedS3 server = EmbeddedS3.start(options)) {
      put(server.endpoint().resolve("/bucket/topic-0/00000000000000000000.log"), "records");
      // When
      ProcessHandle process = ProcessHandle.of(server.pid()).orElseThrow();
      assertThat(process.destroyForcibly()).isTrue();
      process.onExit().join();
      assertThat(server.isAlive()).isFalse();
    }
    // Then
    try (EmbeddedS3 again = EmbeddedS3.start(options)) {
      HttpResponse<String> object =
          get(again.endpoint().resolve("/bucket/topic-0/00000000000000000000.log"));
      assertThat(object.statusCode()).isEqualTo(200);
      assertThat(object.body()).isEqualTo("records");
    }
  }

  @Test
  void endsWhenItsParentIsKilled() throws Exception {
    // Given
    Process parent = startParentProgram();
    BufferedReader output =
        new BufferedReader(
            new InputStreamReader(parent.getInputStream(), StandardCharsets.US_ASCII));
    ProcessHandle server = ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
    assertThat(server.isAlive()).isTrue();
    // When
    parent.destroyForcibly().waitFor();
    // Then
    await().atMost(SOON).until(() -> !server.isAlive());
  }

  @Test
  void closeEndsTheProcessAndMayBeRepeated() throws Exception {
    // Given
    EmbeddedS3 server = EmbeddedS3.start(EmbeddedS3Options.onFreePort(dir, "bucket"));
    // When
    server.close();
    server.close();
    // Then
    assertThat(server.isAlive()).isFalse();
    assertThat(ProcessHandle.of(server.pid()).map(ProcessHandle::isAlive).orElse(false)).isFalse();
  }

  @Test
  void saysThatThePortIsInUse() throws Exception {
    // Given
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      EmbeddedS3Options options =
          EmbeddedS3Options.onFreePort(dir, "bucket").withPort(taken.getLocalPort());
      // When, Then
      assertThatThrownBy(() -> EmbeddedS3.start(options))
          .isInstanceOf(EmbeddedS3Exception.class)
          .hasMessageContaining("port " + taken.getLocalPort() + " of 127.0.0.1 is in use");
    }
  }

  @Test
  void saysThatTheDirectoryIsUsedByAnotherServer() throws Exception {
    // Given
    EmbeddedS3Options options = EmbeddedS3Options.onFreePort(dir, "bucket");
    try (EmbeddedS3 first = EmbeddedS3.start(options)) {
      // When, Then
      assertThatThrownBy(() -> EmbeddedS3.start(options))
          .isInstanceOf(EmbeddedS3Exception.class)
          .hasMessageContaining("another server uses " + dir);
      assertThat(first.isAlive()).isTrue();
    }
  }

  @Test
  void saysThatTheDirectoryCannotBeMade() throws IOException {
    // Given
    Path file = Files.writeString(dir.resolve("file"), "not a directory");
    EmbeddedS3Options options = EmbeddedS3Options.onFreePort(file.resolve("s3"), "bucket");
    // When, Then
    assertThatThrownBy(() -> EmbeddedS3.start(options))
        .isInstanceOf(EmbeddedS3Exception.class)
        .hasMessageContaining("cannot create " + file.resolve("s3"));
  }

  @Test
  void givesUpOnAServerThatDoesNotAnswerInTime() {
    // Given
    EmbeddedS3Options impatient =
        new EmbeddedS3Options(
            dir, 0, "bucket", Duration.ofMillis(1), EmbeddedS3Options.DEFAULT_MAX_HEAP_MIB);
    // When, Then
    assertThatThrownBy(() -> EmbeddedS3.start(impatient))
        .isInstanceOf(EmbeddedS3Exception.class)
        .hasMessageContaining("did not answer within 1 ms");
  }

  private Process startParentProgram() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-D" + ServerLibraries.PROPERTY + "=" + System.getProperty(ServerLibraries.PROPERTY),
            "-cp",
            System.getProperty("java.class.path"),
            ParentProgram.class.getName(),
            dir.toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void put(URI object, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(object).PUT(HttpRequest.BodyPublishers.ofString(body)).build();
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
  }

  private static HttpResponse<String> get(URI resource) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(resource).build(), HttpResponse.BodyHandlers.ofString());
  }
}
