package io.takhin.console;

import static io.takhin.console.RunningConsole.API;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.StoreException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MoveTest {
  @TempDir Path data;
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
  void anArchivedSegmentIsOnlyInTheBucketAndARestoredOneIsBack() throws Exception {
    // When
    JsonNode archived = console.move("archive", path).expect(200).json();

    // Then
    assertThat(archived.path("segment_path").asText()).isEqualTo(path);
    assertThat(archived.path("state").asText()).isEqualTo("remoteonly");
    assertThat(archived.path("is_archived").asBoolean()).isTrue();
    assertThat(archived.path("object_key").asText()).isEqualTo("takhin/" + path);
    assertThat(archived.path("checksum").asText()).matches("crc32c:[0-9a-f]{8}");
    assertThat(console.hasLocalLog(path)).isFalse();

    // When
    JsonNode restored = console.move("restore", path).expect(200).json();

    // Then
    assertThat(restored.path("state").asText()).isEqualTo("restored");
    assertThat(restored.path("is_archived").asBoolean()).isFalse();
    assertThat(console.hasLocalLog(path)).isTrue();
  }

  @Test
  void archivingTwiceIsNoError() throws Exception {
    // Given
    console.move("archive", path).expect(200);

    // When
    Answer again = console.move("archive", path);

    // Then
    assertThat(again.expect(200).json().path("state").asText()).isEqualTo("remoteonly");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                     | missing
          {"segment_path":null}                  | null
          {"segment_path":7}                     | number
          {"segment_path":["a"]}                 | array
          {"segment_path":true}                  | boolean
          {"path":"x"}                           | unknown field 'path'
          {"segment_path":"a","segment_path":"b"} | not valid JSON
          []                                     | not a JSON object
          {"segment_path":                       | not valid JSON
          {} {}                                  | not valid JSON
          """)
  void aBodyThatIsNotTheContractsIsRefused(String body, String why) throws Exception {
    // When
    Answer answer = console.post(API + "/archive", body);

    // Then
    assertThat(answer.expectProblem(400, "invalid-request").path("detail").asText()).contains(why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "../../etc/passwd",
        "/etc/passwd",
        "orders-0%2F00000000000000000000.log",
        "orders-0/00000000000000000000",
        "orders-0/0.log",
        "orders/00000000000000000000.log",
        "orders-0/00000000000000000000.log/..",
        "orders-0/00000000000000000000.index",
        "orders-0/99999999999999999999.log",
        "a/b-0/00000000000000000000.log",
        "..-0/00000000000000000000.log",
        "orders-0\\\\00000000000000000000.log",
        "\\u0000\\n\\u001b[31m-0/00000000000000000000.log"
      })
  void aSegmentPathOfAnotherFormIsRefused(String segmentPath) throws Exception {
    for (String kind : new String[] {"archive", "restore"}) {
      // When
      JsonNode problem = console.move(kind, segmentPath).expectProblem(400, "invalid-segment-path");

      // Then
      assertThat(problem.path("segment_path").asText()).doesNotContainPattern("\\p{Cntrl}");
      assertThat(problem.path("detail").asText()).contains("expected");
    }
  }

  @Test
  void aTenKilobyteSegmentPathIsRefusedAndShortened() throws Exception {
    // When
    Answer answer = console.move("archive", "a".repeat(10_240));

    // Then
    JsonNode problem = answer.expectProblem(400, "invalid-segment-path");
    assertThat(problem.path("segment_path").asText()).hasSizeLessThan(300).contains("10240");
    assertThat(answer.text()).hasSizeLessThan(1_500);
  }

  @Test
  void anUnknownSegmentIsNotFound() throws Exception {
    // When
    Answer answer = console.move("archive", "nobody-0/00000000000000000000.log");

    // Then
    JsonNode problem = answer.expectProblem(404, "segment-unknown");
    assertThat(problem.path("segment_path").asText())
        .isEqualTo("nobody-0/00000000000000000000.log");
  }

  @Test
  void theActiveSegmentIsBusy() throws Exception {
    // Given
    String active = console.writeActive("live");

    // When
    Answer answer = console.move("archive", active);

    // Then
    assertThat(answer.expectProblem(409, "segment-busy").path("segment_path").asText())
        .isEqualTo(active);
    assertThat(console.hasLocalLog(active)).isTrue();
  }

  @Test
  void aSegmentThatSomebodyReadsKeepsItsFiles() throws Exception {
    // Given
    try (AutoCloseable reader = console.tiered.open(SegmentId.parse(path), "test").get()) {
      assertThat(reader).isNotNull();

      // When
      JsonNode proved = console.move("archive", path).expect(200).json();
      Answer again = console.move("archive", path);

      // Then
      assertThat(proved.path("state").asText()).isEqualTo("archived");
      again.expectProblem(409, "segment-busy");
      assertThat(again.header("Retry-After")).matches("[0-9]+");
      assertThat(console.hasLocalLog(path)).isTrue();
    }
  }

  @Test
  void aStoreThatIsDownIsUnavailableAndToBeAskedLater() throws Exception {
    // Given
    console.store.fail(() -> new StoreException.Unavailable("connection refused: memory", null));

    // When
    Answer answer = console.move("archive", path);

    // Then
    JsonNode problem = answer.expectProblem(503, "store-unavailable");
    assertThat(problem.path("detail").asText()).contains("connection refused");
    assertThat(answer.header("Retry-After")).matches("[0-9]+");
    assertThat(console.store.fired()).isPositive();
    assertThat(console.hasLocalLog(path)).isTrue();
  }

  @Test
  void aStoreThatRefusesIsABadGateway() throws Exception {
    // Given
    console.store.fail(() -> new StoreException.Rejected("access denied: bucket=b", null));

    // When
    Answer answer = console.move("archive", path);

    // Then
    answer.expectProblem(502, "store-rejected");
    assertThat(answer.header("Retry-After")).isEmpty();
    assertThat(console.store.fired()).isPositive();
  }

  @Test
  void aBodyAboveTheLimitIsTooLarge() throws Exception {
    // Given
    String huge = "{\"segment_path\":\"" + "a".repeat(70_000) + "\"}";
    HttpRequest.Builder withoutLength =
        HttpRequest.newBuilder(console.uri(API + "/archive"))
            .header("Content-Type", "application/json")
            .POST(
                BodyPublishers.fromPublisher(
                    BodyPublishers.ofString(huge))); // sent in chunks, without a length

    // When
    Answer announced = console.post(API + "/archive", huge);
    Answer chunked = console.send(withoutLength);

    // Then
    announced.expectProblem(413, "body-too-large");
    chunked.expectProblem(413, "body-too-large");
  }
}
