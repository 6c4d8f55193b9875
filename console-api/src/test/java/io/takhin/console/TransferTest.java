package io.takhin.console;

import static io.takhin.console.RunningConsole.API;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.takhin.tiered.store.StoreOperation;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TransferTest {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final String TRANSFERS = API + "/transfers";
  private static final String LIMITS = API + "/limits";

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
  void withoutTransfersTheListIsEmpty() throws Exception {
    assertThat(console.get(TRANSFERS).expect(200).json().path("transfers")).isEmpty();
  }

  @Test
  void aTransferIsSeenWhileItIsUnderWay() throws Exception {
    // Given
    console.store.hangOn(StoreOperation.PUT);
    CompletableFuture<Answer> archive = console.moveAsync("archive", path);

    // When
    JsonNode transfer = theTransfer();

    // Then
    assertThat(transfer.path("direction").asText()).isEqualTo("upload");
    assertThat(transfer.path("priority").asText()).isEqualTo("background");
    assertThat(transfer.path("key").asText()).startsWith("takhin/orders-0/00000000000000000000.");
    assertThat(transfer.path("reason").asText()).isEqualTo("asked for over REST");
    assertThat(transfer.path("total_bytes").asLong()).isPositive();
    assertThat(transfer.path("done_bytes").asLong()).isZero();
    assertThat(transfer.path("bytes_per_second").asLong()).isZero();
    assertThat(transfer.path("percent").asDouble()).isZero();
    assertThat(transfer.path("eta_seconds").isNull()).isTrue();
    assertThat(Instant.parse(transfer.path("started_at").asText()))
        .isEqualTo(Instant.ofEpochMilli(console.clock.millis()));

    console.store.release();
    archive.get(3, TimeUnit.MINUTES).expect(200);
    assertThat(console.get(TRANSFERS).json().path("transfers")).isEmpty();
  }

  @Test
  void aCancelledTransferEndsAndItsOperationSaysSo() throws Exception {
    // Given
    console.store.hangOn(StoreOperation.PUT);
    CompletableFuture<Answer> archive = console.moveAsync("archive", path);
    long id = theTransfer().path("id").asLong();

    // When
    Answer cancelled = console.delete(TRANSFERS + "/" + id);

    // Then
    assertThat(cancelled.expect(202).json().path("id").asLong()).isEqualTo(id);
    archive.get(3, TimeUnit.MINUTES).expectProblem(409, "transfer-cancelled");
    assertThat(console.get(TRANSFERS).json().path("transfers")).isEmpty();
    assertThat(console.store.list("takhin/orders", null, 10)).isEmpty();
    assertThat(console.hasLocalLog(path)).isTrue();
    assertThat(console.store.fired()).isPositive();
    console.store.release();
    console.delete(TRANSFERS + "/" + id).expectProblem(404, "transfer-unknown");
    console.move("archive", path).expect(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "0", "-1", "01", "x", "99999999999999999999"})
  void aTransferThatIsNotUnderWayIsNotFound(String id) throws Exception {
    JsonNode problem = console.delete(TRANSFERS + "/" + id).expectProblem(404, "transfer-unknown");

    assertThat(problem.path("detail").asText()).contains("'" + id + "'");
  }

  @Test
  void limitsAreShownAndChangedOneByOneOrBoth() throws Exception {
    assertThat(limits()).isEqualTo("0 0");

    console.put(LIMITS, "{\"upload_bytes_per_second\":52428800}").expect(200);
    assertThat(limits()).isEqualTo("52428800 0");

    console.put(LIMITS, "{\"download_bytes_per_second\":1024}").expect(200);
    assertThat(limits()).isEqualTo("52428800 1024");
    assertThat(console.tiered.limits().downloadBytesPerSecond()).isEqualTo(1024);

    Answer both =
        console.put(LIMITS, "{\"upload_bytes_per_second\":0,\"download_bytes_per_second\":2048}");
    assertThat(both.expect(200).json().path("download_bytes_per_second").asLong()).isEqualTo(2048);
    assertThat(limits()).isEqualTo("0 2048");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | upload_bytes_per_second",
        "{\"upload\":1} | unknown field",
        "{\"upload_bytes_per_second\":\"fast\"} | not a whole number; got string",
        "{\"upload_bytes_per_second\":1.5e6} | not a whole number; got 1500000",
        "{\"upload_bytes_per_second\":99999999999999999999} | not a whole number",
        "{\"upload_bytes_per_second\":null} | not a whole number; got null",
        "{\"upload_bytes_per_second\":50} | expected 0 for no limit, or 1024 or more, got 50",
        "{\"download_bytes_per_second\":-1} | got -1",
        "{\"upload_bytes_per_second\":4096,\"download_bytes_per_second\":-1} | got -1",
        "[] | not a JSON object",
        "{ | not valid JSON",
      })
  void limitsThatAreNoneAreRefusedAndChangeNothing(String body, String why) throws Exception {
    JsonNode problem = console.put(LIMITS, body).expectProblem(400, "invalid-request");

    assertThat(problem.path("detail").asText()).contains(why);
    assertThat(limits()).isEqualTo("0 0");
  }

  private String limits() throws Exception {
    JsonNode limits = console.get(LIMITS).expect(200).json();
    return limits.path("upload_bytes_per_second").asLong()
        + " "
        + limits.path("download_bytes_per_second").asLong();
  }

  private JsonNode theTransfer() {
    return await()
        .atMost(LIMIT)
        .until(
            () -> console.get(TRANSFERS).expect(200).json().path("transfers"), t -> t.size() == 1)
        .get(0);
  }
}
