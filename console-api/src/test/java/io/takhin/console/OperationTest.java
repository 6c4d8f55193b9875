package io.takhin.console;

import static io.takhin.console.RunningConsole.API;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.takhin.tiered.store.StoreException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OperationTest {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @TempDir Path data;
  private RunningConsole console;
  private String path;

  @BeforeEach
  void start() throws Exception {
    console =
        RunningConsole.start(
            data, RunningConsole.freePort().withOperations(2, 4, 3, Duration.ofMinutes(3)));
    path = console.seal("orders", 6).get(0);
  }

  @AfterEach
  void stop() throws Exception {
    console.close();
  }

  @Test
  void withoutWaitingAnOperationIsStartedThatCanBeLookedUp() throws Exception {
    // When
    Answer started =
        console
            .post(API + "/archive?wait=false", "{\"segment_path\":\"" + path + "\"}")
            .expect(202);

    // Then
    String location = started.header("Location");
    assertThat(location).isEqualTo(API + "/operations/" + operationId(started));
    await().atMost(LIMIT).until(() -> !state(location).equals("running"));
    JsonNode ended = console.get(location).expect(200).json();
    assertThat(ended.path("state").asText()).isEqualTo("succeeded");
    assertThat(ended.path("kind").asText()).isEqualTo("archive");
    assertThat(ended.path("result").path("state").asText()).isEqualTo("remoteonly");
    assertThat(ended.path("finished_at").asText()).isNotBlank();
    assertThat(ended.has("problem")).isFalse();
  }

  @Test
  void anOperationThatFailedTellsItsProblem() throws Exception {
    // Given
    console.store.fail(() -> new StoreException.Rejected("bucket 'nowhere' does not exist", null));

    // When
    Answer started =
        console.post(API + "/archive?wait=false", "{\"segment_path\":\"" + path + "\"}");

    // Then
    String location = started.expect(202).header("Location");
    await().atMost(LIMIT).until(() -> state(location).equals("failed"));
    JsonNode problem = console.get(location).json().path("problem");
    assertThat(problem.path("status").asInt()).isEqualTo(502);
    assertThat(problem.path("segment_path").asText()).isEqualTo(path);
    assertThat(console.store.fired()).isPositive();
  }

  @Test
  void aPolicyPassTellsWhatItDid() throws Exception {
    // Given
    console.clock.advance(Duration.ofDays(8));

    // When
    JsonNode run = console.post(API + "/policy/run", "").expect(200).json();

    // Then
    assertThat(run.path("archived").asInt()).isEqualTo(6);
    assertThat(run.path("failed").asInt()).isZero();
    JsonNode last = console.get(API + "/stats").json().path("last_policy_run");
    assertThat(last.path("archived").asInt()).isEqualTo(6);
  }

  @Test
  void aPolicyPassTakesNoFields() throws Exception {
    console.post(API + "/policy/run", "{\"force\":true}").expectProblem(400, "invalid-request");
  }

  @Test
  void aWaitThatIsNeitherTrueNorFalseIsRefused() throws Exception {
    JsonNode problem =
        console.post(API + "/archive?wait=maybe", "{}").expectProblem(400, "invalid-request");
    assertThat(problem.path("detail").asText()).contains("true or false", "'maybe'");
  }

  @Test
  void anUnknownOperationIsNotFound() throws Exception {
    console.get(API + "/operations/none").expectProblem(404, "operation-unknown");
  }

  @Test
  void endedOperationsAreForgottenOldestFirst() throws Exception {
    // Given
    String body = "{\"segment_path\":\"" + path + "\"}";
    String first = console.post(API + "/restore?wait=false", body).header("Location");
    await().atMost(LIMIT).until(() -> state(first).equals("succeeded"));

    // When
    for (int i = 0; i < 3; i++) {
      String next = console.post(API + "/restore?wait=false", body).header("Location");
      await().atMost(LIMIT).until(() -> state(next).equals("succeeded"));
    }

    // Then
    console.get(first).expectProblem(404, "operation-unknown");
  }

  @Test
  void moreWaitingRequestsThanAllowedAreTurnedAway() throws Exception {
    // Given
    console.store.hang();
    CompletableFuture<Answer> one = console.moveAsync("archive", segment(0));
    CompletableFuture<Answer> two = console.moveAsync("archive", segment(1));
    await().atMost(LIMIT).until(() -> console.store.fired() >= 2);

    // When
    Answer third = console.move("archive", segment(2));

    // Then
    third.expectProblem(429, "too-many-requests");
    assertThat(third.header("Retry-After")).matches("[0-9]+");
    console.get(API + "/stats").expect(200);
    console.store.release();
    one.get(3, TimeUnit.MINUTES).expect(200);
    two.get(3, TimeUnit.MINUTES).expect(200);
    await().atMost(LIMIT).until(() -> console.move("archive", segment(2)).status() == 200);
  }

  @Test
  void moreRunningOperationsThanAllowedAreTurnedAway() throws Exception {
    // Given
    console.store.hang();
    for (int i = 0; i < 4; i++) {
      String body = "{\"segment_path\":\"" + segment(i) + "\"}";
      console.post(API + "/archive?wait=false", body).expect(202);
    }

    // When
    String body = "{\"segment_path\":\"" + segment(4) + "\"}";
    Answer fifth = console.post(API + "/archive?wait=false", body);

    // Then
    fifth.expectProblem(429, "too-many-requests");
    await().atMost(LIMIT).until(() -> console.store.fired() > 0);
  }

  @Test
  void aClientThatGoesAwayStopsNothing() throws Exception {
    // Given
    console.store.hang();
    String body = "{\"segment_path\":\"" + path + "\"}";
    try (Socket client = console.connect()) {
      OutputStream out = client.getOutputStream();
      String request =
          "POST "
              + API
              + "/archive HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              + "Content-Length: "
              + body.length()
              + "\r\n\r\n"
              + body;
      out.write(request.getBytes(StandardCharsets.US_ASCII));
      out.flush();
      await().atMost(LIMIT).until(() -> console.store.fired() > 0);
    }

    // When
    console.store.release();

    // Then
    await()
        .atMost(LIMIT)
        .until(
            () ->
                console
                    .get(API + "/segments/" + path)
                    .json()
                    .path("state")
                    .asText()
                    .equals("remoteonly"));
  }

  private String segment(int index) {
    return "orders-0/%020d.log".formatted(index * 1_000L);
  }

  private String state(String location) throws Exception {
    return console.get(location).json().path("state").asText();
  }

  private static String operationId(Answer answer) {
    return answer.json().path("operation_id").asText();
  }
}
