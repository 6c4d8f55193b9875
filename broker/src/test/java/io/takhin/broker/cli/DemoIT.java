package io.takhin.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo at its smallest: what a newcomer runs first has to work and to end by itself. */
final class DemoIT {
  private static final long FOUR_MB = 4_000_000;

  @TempDir Path dir;

  @Test
  void everythingProducedComesBackFromTheBucketAndTheSummaryIsJson() {
    Run run = Run.of("demo", "--mb", "4", "--json", "--dir", dir.resolve("demo").toString());

    assertThat(run.exitCode()).describedAs(run.err()).isZero();
    JsonNode summary = run.json();
    assertThat(summary.path("bytes").asLong()).isGreaterThanOrEqualTo(FOUR_MB);
    assertThat(summary.path("readDigest").asText())
        .hasSize(64)
        .isEqualTo(summary.path("producedDigest").asText());
    assertThat(summary.path("archivedSegments").asLong())
        .isPositive()
        .isEqualTo(summary.path("sealedSegments").asLong());
    assertThat(summary.path("localLogsLeft").asLong()).isZero();
    assertThat(summary.path("bytesUploaded").asLong()).isPositive();
  }
}
