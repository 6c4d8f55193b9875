package io.takhin.console;

import static io.takhin.console.RunningConsole.API;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.takhin.tiered.disk.DiskUsage;
import io.takhin.tiered.store.StoreException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiskTest {
  @TempDir Path data;

  @Test
  void theDiskIsShownAsItWasMeasured() throws Exception {
    try (RunningConsole console = RunningConsole.start(data)) {
      console.disk.set(new DiskUsage(915_000, 1_000_000));
      console.post(API + "/policy/run", "{}").expect(200);

      JsonNode disk = console.get(API + "/disk").expect(200).json();
      assertThat(disk.path("used_percent").asDouble()).isEqualTo(91.5);
      assertThat(disk.path("level").asText()).isEqualTo("high");
      assertThat(disk.path("policy").asText()).isEqualTo("shed");
      assertThat(disk.path("full_percent").asInt()).isEqualTo(97);

      JsonNode ready = console.get("/health/ready").expect(200).json();
      assertThat(ready.path("status").asText()).isEqualTo("degraded");
      assertThat(ready.path("checks").findValuesAsText("detail"))
          .anyMatch(detail -> detail.contains("91.5% used"));
    }
  }

  @Test
  void whatWasGivenUpIsListedAndWarnedOf() throws Exception {
    try (RunningConsole console = RunningConsole.start(data)) {
      // Given a store that is down, and a disk that is full by about one segment
      List<String> paths = console.seal("orders", 6);
      console.store.fail(() -> new StoreException.Unavailable("connection refused", null));
      for (String path : paths) {
        console.move("archive", path).expect(503);
      }
      assertThat(console.store.fired()).isPositive();

      // When
      console.disk.set(new DiskUsage(990_000, 1_000_000));
      console.post(API + "/policy/run", "{}").expect(200);

      // Then
      JsonNode gaps = console.get(API + "/gaps").expect(200).json();
      assertThat(gaps.path("total_gaps").asInt()).isEqualTo(1);
      JsonNode gap = gaps.path("gaps").get(0);
      assertThat(gap.path("topic").asText()).isEqualTo("orders");
      assertThat(gap.path("from_offset").asLong()).isZero();
      assertThat(gap.path("to_offset").asLong()).isEqualTo(1_000);
      assertThat(gap.path("bytes").asLong()).isEqualTo(100_000);
      assertThat(gap.path("reason").asText()).isEqualTo("disk full, store down");
      JsonNode stats = console.get(API + "/stats").json();
      assertThat(stats.path("gaps").asInt()).isEqualTo(1);
      assertThat(stats.path("gap_bytes").asLong()).isEqualTo(100_000);
      assertThat(console.get("/health/ready").json().path("checks").findValuesAsText("detail"))
          .anyMatch(detail -> detail.contains("100000 bytes, see /api/v1/tiered/gaps"));
    }
  }
}
