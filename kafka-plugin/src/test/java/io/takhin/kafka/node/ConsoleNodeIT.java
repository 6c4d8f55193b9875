package io.takhin.kafka.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.takhin.testkit.QuietPorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The console within a real node, whose class path has another Jetty and other Jacksons. */
class ConsoleNodeIT {
  private static final int RECORDS = 5_000;

  @TempDir Path directory;

  private final HttpClient client = HttpClient.newHttpClient();
  private URI console = URI.create("http://127.0.0.1");

  static List<String> releases() {
    return TieredCluster.releases();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void itShowsWhatTheNodeHasTiered(String release) throws Exception {
    int port = QuietPorts.take();
    console = URI.create("http://127.0.0.1:" + port);
    Map<String, String> plugin =
        Map.of("console.enabled", "true", "console.port", Integer.toString(port));
    try (TieredCluster cluster = TieredCluster.start("console", release, 1, directory, plugin)) {
      Records records = cluster.create("tiered");
      records.produce(RECORDS);
      cluster.awaitFreed(records.partition());
      assertThat(records.consume(0, RECORDS, Records.READ_TIME))
          .isEqualTo(records.expected(0, RECORDS));
      long segments = cluster.keys("tiered").stream().filter(key -> key.endsWith(".log")).count();

      assertThat(answer("/health/ready").path("status").asText()).isEqualTo("ready");
      JsonNode calls = answer("/api/v1/remote/stats").path("calls");
      assertThat(calls.path("copy").path("done").asLong()).isEqualTo(segments);
      JsonNode topics = answer("/api/v1/remote/topics").path("topics");
      assertThat(topics.path(0).path("topic").asText()).isEqualTo("tiered");
      assertThat(topics.path(0).path("segments").asLong()).isEqualTo(segments);
      assertThat(answer("/api/v1/remote/segments?topic=tiered").path("segments"))
          .hasSize((int) segments)
          .allMatch(segment -> segment.path("complete").asBoolean());
      assertThat(answer("/api/v1/tiered/reads").toString()).contains("fetched_bytes");
      assertThat(get("/metrics").body()).contains("takhin_kafka_calls_seconds");
      assertThat(get("/").body()).contains("<html");
      assertThat(get("/api/v1/tiered/segments").statusCode()).isEqualTo(404);
      cluster.deleteAndAwaitEmpty(records);
    }
  }

  private JsonNode answer(String path) throws IOException, InterruptedException {
    HttpResponse<String> response = get(path);
    assertThat(response.statusCode()).as("%s: %s", path, response.body()).isEqualTo(200);
    return new ObjectMapper().readTree(response.body());
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(console.resolve(path)).build(), BodyHandlers.ofString());
  }
}
