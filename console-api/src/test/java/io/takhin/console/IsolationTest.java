package io.takhin.console;

import static io.takhin.console.RunningConsole.API;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.TieredOptions;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.archive.WriterStoppedException;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class IsolationTest {
  private static final String QUARANTINE = API + "/quarantine";

  @TempDir Path data;
  @TempDir Path elsewhere;
  private RunningConsole console;
  private String path;

  @BeforeEach
  void start() throws Exception {
    console = RunningConsole.start(data);
    path = console.seal("orders", 1).get(0);
  }

  @AfterEach
  void stop() throws Exception {
    console.close();
  }

  @Test
  void aSegmentThatFailedByItselfIsListedAndTriedAgainOnCommand() throws Exception {
    // Given
    assertThat(console.get(QUARANTINE).expect(200).json().path("total").asInt()).isZero();
    byte[] log = Files.readAllBytes(data.resolve(path));
    Files.write(data.resolve(path), new byte[7]);
    console.move("archive", path).expect(500);

    // When
    JsonNode listing = console.get(QUARANTINE).expect(200).json();

    // Then
    JsonNode entry = listing.path("segments").get(0);
    assertThat(listing.path("total").asInt()).isEqualTo(1);
    assertThat(entry.path("segment_path").asText()).isEqualTo(path);
    assertThat(entry.path("stage").asText()).isEqualTo("archive");
    assertThat(entry.path("quarantined").asBoolean()).isFalse();
    assertThat(entry.path("reason").asText()).contains("actual_bytes=7");
    assertThat(entry.path("attempts").asInt()).isEqualTo(1);

    // When
    Files.write(data.resolve(path), log);
    JsonNode answer = console.post(QUARANTINE + "/retry", body()).expect(202).json();

    // Then
    assertThat(answer.path("retried").asInt()).isEqualTo(1);
    await().until(() -> !console.hasLocalLog(path));
    assertThat(console.get(QUARANTINE).json().path("total").asInt()).isZero();
    console.post(QUARANTINE + "/retry", body()).expectProblem(404, "segment-unknown");
    assertThat(
            console
                .post(QUARANTINE + "/retry", "{\"all\":true}")
                .expect(202)
                .json()
                .path("retried"))
        .hasToString("0");
  }

  private String body() {
    return "{\"segment_path\":\"" + path + "\"}";
  }

  @Test
  void aRetryNamesOneOrAll() throws Exception {
    console.post(QUARANTINE + "/retry", "{}").expectProblem(400, "invalid-request");
    console
        .post(QUARANTINE + "/retry", "{\"all\":true,\"segment_path\":\"" + path + "\"}")
        .expectProblem(400, "invalid-request");
    console.post(QUARANTINE + "/retry", "{\"all\":1}").expectProblem(400, "invalid-request");
    console
        .post(QUARANTINE + "/retry", "{\"segment_path\":\"x\"}")
        .expectProblem(400, "invalid-segment-path");
  }

  @Test
  void whoHasThePrefixIsSeenAndCanBeChanged() throws Exception {
    // Given
    JsonNode writing = console.get(API + "/writer").expect(200).json();
    assertThat(writing.path("state").asText()).isEqualTo("writing");
    assertThat(writing.path("problem").isNull()).isTrue();

    // When another process takes the prefix over
    try (TieredStorageManager other =
        TieredStorageManager.open(
            TieredOptions.builder(elsewhere).keyPrefix("takhin").build(),
            console.store,
            new DirectorySegments(elsewhere),
            new SimpleMeterRegistry(),
            Clock.systemUTC())) {
      other.writer().takeOver();
      console.tiered.writer().requireOwnerNow();
    } catch (WriterStoppedException e) {
      assertThat(e).hasMessageContaining("another writer has this prefix");
    }

    // Then this one says so everywhere, and in words an operator can act on
    console.move("archive", path).expectProblem(409, "writer-stopped");
    JsonNode stopped = console.get(API + "/stats").json().path("writer");
    assertThat(stopped.path("state").asText()).isEqualTo("stopped");
    assertThat(stopped.path("problem").asText()).contains("takhin writer take-over");
    JsonNode ready = console.get("/health/ready").expect(200).json();
    assertThat(ready.path("status").asText()).isEqualTo("degraded");
    assertThat(ready.path("checks").findValuesAsText("detail"))
        .anyMatch(detail -> detail.startsWith("archiving stopped: another writer"));
    assertThat(console.get("/metrics").expect(200).text())
        .contains("tiered_storage_writer_stopped 1");

    // When it takes the prefix back
    JsonNode back = console.post(API + "/writer/take-over", "{}").expect(200).json();

    // Then
    assertThat(back.path("state").asText()).isEqualTo("writing");
    assertThat(back.path("epoch").asLong()).isEqualTo(3);
  }

  @Test
  void aStoreThatDoesNotAnswerIsNoSegmentsFault() throws Exception {
    console.store.fail(() -> new StoreException.Unavailable("down", null));
    console.move("archive", path).expect(503);
    assertThat(console.store.fired()).isPositive();
    assertThat(console.get(QUARANTINE).json().path("total").asInt()).isZero();
  }
}
