package io.takhin.console;

import static io.takhin.console.RunningConsole.API;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SegmentTest {
  @TempDir Path data;
  private RunningConsole console;
  private List<String> orders;

  @BeforeEach
  void start() throws Exception {
    console = RunningConsole.start(data);
    orders = console.seal("orders", 5);
    console.seal("payments", 2);
  }

  @AfterEach
  void stop() throws Exception {
    console.close();
  }

  @Test
  void aSegmentIsShownWithItsTimesInUtc() throws Exception {
    // Given
    console.clock.advance(Duration.ofHours(1));

    // When
    JsonNode segment = console.get(API + "/segments/" + orders.get(1)).expect(200).json();

    // Then
    assertThat(segment.path("segment_path").asText()).isEqualTo(orders.get(1));
    assertThat(segment.path("policy").asText()).isEqualTo("hot");
    assertThat(segment.path("state").asText()).isEqualTo("local");
    assertThat(segment.path("is_archived").asBoolean()).isFalse();
    assertThat(segment.path("size_bytes").asLong()).isEqualTo(100_000);
    assertThat(segment.path("base_offset").asLong()).isEqualTo(1_000);
    assertThat(segment.path("end_offset").asLong()).isEqualTo(2_000);
    assertThat(segment.path("last_modified").asText()).isEqualTo("2026-01-10T00:00:00Z");
    assertThat(segment.path("age_seconds").asLong()).isEqualTo(3_600);
    assertThat(segment.path("object_key").isNull()).isTrue();
    assertThat(segment.path("files")).isEmpty();
  }

  @Test
  void anArchivedSegmentIsShownWithTheProof() throws Exception {
    // Given
    console.move("archive", orders.get(0)).expect(200);

    // When
    JsonNode segment = console.get(API + "/segments/" + orders.get(0)).expect(200).json();

    // Then
    assertThat(segment.path("is_archived").asBoolean()).isTrue();
    assertThat(segment.path("manifest_key").asText()).endsWith(".manifest.json");
    assertThat(segment.path("archived_at").asText()).isEqualTo("2026-01-10T00:00:00Z");
    assertThat(segment.path("files").findValuesAsText("kind"))
        .containsExactly("index", "timeindex", "readindex", "log");
    assertThat(segment.path("files").get(3).path("checksum")).isEqualTo(segment.path("checksum"));
  }

  @Test
  void aSlashInTheAddressMayBeEncoded() throws Exception {
    String encoded = orders.get(2).replace("/", "%2F");

    JsonNode segment = console.get(API + "/segments/" + encoded).expect(200).json();

    assertThat(segment.path("segment_path").asText()).isEqualTo(orders.get(2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "../../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..%2f..%2fetc%2fpasswd",
        "orders-0/..;/00000000000000000000.log",
        "orders-0%252F00000000000000000000.log",
        "orders-0/00000000000000000000.log%00",
        "orders-0/00000000000000000000.log/",
        "orders-0//00000000000000000000.log"
      })
  void anAddressThatIsNoSegmentPathIsRefused(String raw) throws Exception {
    // java.net.http would tidy the path up, so it goes out as it is.
    String answer =
        console.raw(
            "GET "
                + API
                + "/segments/"
                + raw
                + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    assertThat(answer)
        .startsWith("HTTP/1.1 400 ")
        .contains("application/problem+json", "\"status\":400")
        .doesNotContain("Exception", "root:");
  }

  @Test
  void anUnknownSegmentIsNotFound() throws Exception {
    String path = "nobody-3/00000000000000000000.log";

    JsonNode problem = console.get(API + "/segments/" + path).expectProblem(404, "segment-unknown");

    assertThat(problem.path("segment_path").asText()).isEqualTo(path);
    assertThat(problem.path("instance").asText()).isEqualTo(API + "/segments/" + path);
  }

  @Test
  void pagesFollowEachOtherWithoutGapOrOverlap() throws Exception {
    // When
    List<String> seen = new ArrayList<>();
    String after = "";
    int pages = 0;
    do {
      JsonNode page =
          console
              .get(API + "/segments?limit=3" + (after.isEmpty() ? "" : "&after=" + after))
              .expect(200)
              .json();
      page.path("segments").forEach(segment -> seen.add(segment.path("segment_path").asText()));
      after = page.path("next").asText("");
      pages++;
    } while (!after.isEmpty() && !after.equals("null") && pages < 10);

    // Then
    assertThat(seen).hasSize(7).isSorted().doesNotHaveDuplicates();
    assertThat(pages).isLessThanOrEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({
    "topic=payments, 2",
    "topic=nobody, 0",
    "state=remoteonly, 1",
    "state=local, 6",
    "tier=cold, 1",
    "policy=cold, 1",
    "tier=hot&topic=orders, 4",
    "tier=hot&policy=hot, 6"
  })
  void filtersRestrictTheListing(String query, int expected) throws Exception {
    // Given
    console.move("archive", orders.get(0)).expect(200);
    console.post(API + "/policy/run", "{}").expect(200);

    // When
    JsonNode page = console.get(API + "/segments?" + query).expect(200).json();

    // Then
    assertThat(page.path("segments")).hasSize(expected);
    assertThat(page.path("next").isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "limit=0, 1 to 1000",
    "limit=1001, 1 to 1000",
    "limit=-1, 1 to 1000",
    "limit=ten, 1 to 1000",
    "limit=, 1 to 1000",
    "limit=99999999999999999999, 1 to 1000",
    "tier=lukewarm, 'hot, warm, cold'",
    "policy=HOT, 'hot, warm, cold'",
    "state=gone, 'local, uploading, archived, remoteonly, restored, deleting'",
    "topic=a%2Fb, '[a-zA-Z0-9._-]'",
    "after=../../etc/passwd, previous page",
    "tier=hot&policy=cold, same filter",
    "tier=hot&tier=cold, more than once",
    "colour=blue, 'limit'"
  })
  void aValueThatIsNotAllowedIsRefusedWithWhatIs(String query, String allowed) throws Exception {
    JsonNode problem =
        console.get(API + "/segments?" + query).expectProblem(400, "invalid-request");

    assertThat(problem.path("detail").asText()).contains(allowed);
  }

  @Test
  void theExplanationTellsWhatThePolicyWillDo() throws Exception {
    // When
    JsonNode young = explanation();

    // Then
    assertThat(young.path("why").asText()).contains("Only on this machine", "hot");
    assertThat(young.path("next").asText())
        .contains("Becomes warm at 2026-01-13T00:00:00Z", "From 2026-01-17T00:00:00Z", "archives");
    assertThat(young.path("next_at").asText()).isEqualTo("2026-01-13T00:00:00Z");

    // When
    console.clock.advance(Duration.ofDays(7));
    JsonNode due = explanation();

    // Then
    assertThat(due.path("next").asText()).contains("Due now", "archives");
    assertThat(due.path("next_at").isNull()).isTrue();

    // When
    console.post(API + "/policy/run", "{}").expect(200);
    JsonNode remote = explanation();

    // Then
    assertThat(remote.path("why").asText()).contains("Only in the bucket");
    assertThat(remote.path("next").asText()).contains("a restore brings it back");

    // When
    console.read(orders.get(0));
    JsonNode reading =
        console.get(API + "/segments/" + orders.get(0)).expect(200).json().path("reading");

    // Then
    assertThat(reading.path("restore").asBoolean()).isFalse();
    assertThat(reading.path("reason").asText()).startsWith("streamed: served 1.00 times its size");
    assertThat(reading.path("served_bytes").asLong()).isEqualTo(100_000);

    // When
    console.move("restore", orders.get(0)).expect(200);
    JsonNode restored = explanation();

    // Then
    assertThat(restored.path("why").asText()).contains("Brought back", "hot");
    assertThat(restored.path("next").asText()).contains("From 2026-01-24T00:00:00Z", "frees");
  }

  @Test
  void theStatsAddUp() throws Exception {
    // Given
    console.move("archive", orders.get(0)).expect(200);
    console.move("archive", orders.get(1)).expect(200);
    console.move("restore", orders.get(1)).expect(200);

    // When
    JsonNode stats = console.get(API + "/stats").expect(200).json();

    // Then
    assertThat(stats.path("total_segments").asLong()).isEqualTo(7);
    assertThat(
            stats.path("hot_segments").asLong()
                + stats.path("warm_segments").asLong()
                + stats.path("cold_segments").asLong())
        .isEqualTo(7);
    assertThat(stats.path("archived_segments").asLong()).isEqualTo(1);
    assertThat(stats.path("total_size_bytes").asLong()).isEqualTo(700_000);
    assertThat(stats.path("local_bytes").asLong()).isEqualTo(600_000);
    assertThat(stats.path("remote_bytes").asLong()).isEqualTo(200_000);
    assertThat(stats.path("restored_bytes").asLong()).isEqualTo(100_000);
    assertThat(stats.path("states").path("remoteonly").asLong()).isEqualTo(1);
    assertThat(stats.path("states").path("restored").asLong()).isEqualTo(1);
    assertThat(stats.path("store_health").path("reachable").asBoolean()).isTrue();
  }

  @Test
  void theReadsTellWhatColdSegmentsCost() throws Exception {
    // Given
    console.move("archive", orders.get(0)).expect(200);
    JsonNode before = console.get(API + "/reads").expect(200).json();
    assertThat(before.path("total").path("amplification").isNull()).isTrue();
    assertThat(before.path("topics").isEmpty()).isTrue();

    // When one that is cold is read twice, and one that is local once
    console.read(orders.get(0));
    console.read(orders.get(0));
    console.read(orders.get(1));
    JsonNode reads = console.get(API + "/reads").expect(200).json();

    // Then it was fetched once: its log, and its read index as a second chunk
    JsonNode total = reads.path("total");
    assertThat(total.path("hits").asLong()).isEqualTo(1);
    assertThat(total.path("misses").asLong()).isEqualTo(2);
    assertThat(total.path("served_bytes").asLong()).isBetween(200_000L, 210_000L);
    assertThat(total.path("fetched_bytes").asLong()).isBetween(100_000L, 110_000L);
    assertThat(total.path("amplification").asDouble()).isBetween(0.5, 0.55);
    assertThat(reads.path("topics").path("orders")).isEqualTo(total);
    assertThat(reads.path("topics").size()).isEqualTo(1);
    assertThat(reads.path("cached_bytes")).isEqualTo(total.path("fetched_bytes"));
    assertThat(reads.path("cache_budget_bytes").asLong()).isPositive();
    assertThat(reads.path("chunks_under_way").asLong()).isZero();
  }

  private JsonNode explanation() throws Exception {
    return console.get(API + "/segments/" + orders.get(0)).expect(200).json().path("explanation");
  }
}
