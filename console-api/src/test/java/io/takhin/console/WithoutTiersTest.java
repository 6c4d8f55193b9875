package io.takhin.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.takhin.console.health.HealthCheck;
import io.takhin.console.health.HealthCheck.Result;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A broker that keeps every segment local has a console all the same. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WithoutTiersTest {
  private static final String OFF = "tiered storage is off: storage.tiered.enabled is false";

  private final HttpClient client = HttpClient.newHttpClient();
  private ConsoleServer console;

  @BeforeAll
  void start() throws Exception {
    HealthCheck broker = HealthCheck.named("broker", () -> Result.up("listens"));
    console =
        ConsoleServer.startWithoutTiers(
            RunningConsole.freePort(),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
            List.of(broker));
  }

  @AfterAll
  void stop() {
    console.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/console.js", "/openapi.json", "/health/live", "/metrics"})
  void whatNeedsNoEngineIsServed(String path) throws Exception {
    get(path).expect(200);
  }

  @Test
  void readinessIsThatOfTheBroker() throws Exception {
    assertThat(get("/health/ready").expect(200).json().path("checks").findValuesAsText("name"))
        .containsExactly("broker");
  }

  @ParameterizedTest
  @ValueSource(strings = {"stats", "segments", "segments/a-0/00000000000000000000.log", "x/y"})
  void everyQuestionAboutTiersIsAnsweredThatTheyAreOff(String call) throws Exception {
    String detail =
        get(RunningConsole.API + "/" + call).expectProblem(503, "tiered-off").toString();

    assertThat(detail).contains(OFF);
  }

  @ParameterizedTest
  @ValueSource(strings = {"archive", "restore", "policy/run"})
  void nothingIsMovedWhereTiersAreOff(String call) throws Exception {
    HttpRequest.Builder request =
        request(RunningConsole.API + "/" + call)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{}"));

    send(request).expectProblem(503, "tiered-off");
  }

  @Test
  void limitsAndTransfersAreOffToo() throws Exception {
    send(request(RunningConsole.API + "/limits")
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString("{}")))
        .expectProblem(503, "tiered-off");
    send(request(RunningConsole.API + "/transfers/1").DELETE()).expectProblem(503, "tiered-off");
  }

  private Answer get(String path) throws Exception {
    return send(request(path));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(console.uri() + path));
  }

  private Answer send(HttpRequest.Builder request) throws Exception {
    return new Answer(client.send(request.build(), BodyHandlers.ofString()));
  }
}
