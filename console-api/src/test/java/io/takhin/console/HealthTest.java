package io.takhin.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.takhin.console.health.HealthCheck;
import io.takhin.console.health.HealthCheck.Result;
import io.takhin.tiered.store.StoreException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HealthTest {
  @TempDir Path data;

  @Test
  void aProcessWhoseChecksAreUpIsReady() throws Exception {
    HealthCheck log = HealthCheck.named("log", () -> Result.up("12 partitions"));
    try (RunningConsole console = start(log)) {
      JsonNode ready = console.get("/health/ready").expect(200).json();

      assertThat(ready.path("status").asText()).isEqualTo("ready");
      assertThat(ready.path("checks").findValuesAsText("name"))
          .containsExactly("log", "object_store", "writer", "disk");
      assertThat(ready.path("checks").get(0).path("detail").asText()).isEqualTo("12 partitions");
    }
  }

  @Test
  void aCheckThatIsDownMakesTheProcessNotReadyAndStillLive() throws Exception {
    HealthCheck log = HealthCheck.named("log", () -> Result.down("disk is gone"));
    try (RunningConsole console = start(log)) {
      JsonNode ready = console.get("/health/ready").expect(503).json();

      assertThat(ready.path("status").asText()).isEqualTo("not_ready");
      assertThat(console.get("/health/live").expect(200).json().path("status").asText())
          .isEqualTo("live");
    }
  }

  @Test
  void aCheckThatThrowsCountsAsDown() throws Exception {
    HealthCheck broken =
        HealthCheck.named(
            "broken",
            () -> {
              throw new IllegalStateException("secret");
            });
    try (RunningConsole console = start(broken)) {
      Answer answer = console.get("/health/ready").expect(503);

      assertThat(answer.text()).contains("IllegalStateException").doesNotContain("secret");
    }
  }

  @Test
  void aStoreThatIsDownDegradesAndStaysReady() throws Exception {
    try (RunningConsole console = start()) {
      // Given
      String path = console.seal("orders", 1).get(0);
      console.store.fail(() -> new StoreException.Unavailable("connection refused", null));
      console.move("archive", path).expect(503);
      assertThat(console.store.fired()).isPositive();

      // When
      JsonNode ready = console.get("/health/ready").expect(200).json();

      // Then
      assertThat(ready.path("status").asText()).isEqualTo("degraded");
      assertThat(ready.path("checks").get(0).path("detail").asText())
          .contains("connection refused", "local data is served");
      JsonNode health = console.get(RunningConsole.API + "/stats").json().path("store_health");
      assertThat(health.path("reachable").asBoolean()).isFalse();
      assertThat(health.path("last_error").asText()).contains("connection refused");

      // When
      console.store.heal();
      console.move("archive", path).expect(200);

      // Then
      assertThat(console.get("/health/ready").expect(200).json().path("status").asText())
          .isEqualTo("ready");
    }
  }

  private RunningConsole start(HealthCheck... checks) throws Exception {
    return RunningConsole.start(data, RunningConsole.freePort(), checks);
  }
}
