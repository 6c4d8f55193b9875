package io.takhin.console;

import static io.takhin.console.RemoteConsole.API;
import static io.takhin.console.RemoteConsole.NEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.takhin.tiered.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A broker that keeps its own record of remote segments has the same console, in part. */
final class RemoteTest {
  private RemoteConsole console;

  @BeforeEach
  void start() throws Exception {
    console = new RemoteConsole();
  }

  @AfterEach
  void stop() {
    console.close();
  }

  @Test
  void thePageLearnsWhatItIsBeside() throws Exception {
    assertThat(console.get("/api/v1/console").expect(200).json().path("beside").asText())
        .isEqualTo("remote_storage");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/console.js", "/openapi.json", "/health/live", "/metrics", API + "/stats"})
  void whatNeedsNoCatalogIsServed(String path) throws Exception {
    console.get(path).expect(200);
  }

  @Test
  void transfersReadsAndLimitsAreThoseOfTheBroker() throws Exception {
    JsonNode transfers = console.get("/api/v1/tiered/transfers").expect(200).json();
    console.send("DELETE", "/api/v1/tiered/transfers/5").expect(202);

    assertThat(transfers.at("/transfers/0/key").asText()).isEqualTo(NEXT);
    assertThat(console.storage.cancelled).hasValue(1);
    assertThat(console.get("/api/v1/tiered/reads").json().at("/topics/orders/hits").asInt())
        .isEqualTo(1);
    console.get("/api/v1/tiered/limits").expect(200);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, stats",
    "GET, segments",
    "GET, segments/a-0/00000000000000000000.log",
    "GET, disk",
    "POST, archive",
    "POST, restore",
    "POST, policy/run",
    "PUT, holds/x",
    "DELETE, holds/x"
  })
  void whatNeedsACatalogSaysWhyItIsNotThere(String method, String call) throws Exception {
    JsonNode problem =
        console.send(method, "/api/v1/tiered/" + call).expectProblem(404, "not-offered");

    assertThat(problem.path("detail").asText()).contains("keeps the record", "/api/v1/remote");
  }

  @Test
  void anUnreachableStoreDegradesReadiness() throws Exception {
    JsonNode ready = console.get("/health/ready").expect(200).json();

    assertThat(ready.path("status").asText()).isEqualTo("degraded");
    assertThat(ready.at("/checks/0/detail").asText()).contains("connection refused");
  }

  @Test
  void theBucketIsAskedForWhatTheQuerySays() throws Exception {
    console.get(API + "/segments?topic=orders&limit=7&after=" + NEXT).expect(200);
    assertThat(console.storage.asked).hasValue("topic=orders after=" + NEXT + " limit=7");

    console.get(API + "/segments").expect(200);
    assertThat(console.storage.asked).hasValue("topic=null after=null limit=100");

    console.get(API + "/topics?after=" + NEXT).expect(200);
    assertThat(console.storage.asked).hasValue("after=" + NEXT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/segments?limit=0",
        "/segments?limit=1001",
        "/segments?topic=a%20b",
        "/segments?after=%2Fx",
        "/segments?tier=cold",
        "/topics?topic=orders",
        "/topics?after=a&after=b"
      })
  void queriesThatCannotBeMeantAreRefused(String query) throws Exception {
    console.get(API + query).expectProblem(400, "invalid-request");

    assertThat(console.storage.begun).hasValue(0);
  }

  @Test
  void aStoreThatIsDownIsToldAsSuch() throws Exception {
    console.storage.failure.set(new StoreException.Unavailable("list failed", null));
    console.get(API + "/topics").expectProblem(503, "store-unavailable");

    console.storage.failure.set(new StoreException.Rejected("s3:ListBucket is missing", null));
    console.get(API + "/topics").expectProblem(502, "store-rejected");

    assertThat(console.storage.begun).hasValue(2);
  }

  @Test
  void theBucketIsListedForFewAtATime() throws Exception {
    // Given
    console.storage.release = new CountDownLatch(1);
    List<CompletableFuture<Answer>> listed = new ArrayList<>();
    for (int request = 0; request < 2; request++) {
      listed.add(console.getAsync(API + "/topics"));
    }
    await().untilAsserted(() -> assertThat(console.storage.begun).hasValue(2));

    // When
    Answer third = console.get(API + "/segments");

    // Then
    third.expectProblem(429, "too-many-requests");
    assertThat(third.header("Retry-After")).isNotEmpty();
    console.storage.release.countDown();
    for (CompletableFuture<Answer> answer : listed) {
      answer.get(3, TimeUnit.MINUTES).expect(200);
    }
    console.get(API + "/segments").expect(200);
  }
}
