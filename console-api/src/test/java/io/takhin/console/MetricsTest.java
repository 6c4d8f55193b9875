package io.takhin.console;

import static io.takhin.console.RunningConsole.API;
import static org.assertj.core.api.Assertions.assertThat;

import io.takhin.tiered.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetricsTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "metrics.md");
  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");
  private static final Pattern DOCUMENTED =
      Pattern.compile("(?m)^\\| `([a-z0-9_]+)` \\| ([a-z]+) \\|");

  @TempDir Path data;
  private RunningConsole console;

  @BeforeEach
  void start() throws Exception {
    console = RunningConsole.start(data);
  }

  @AfterEach
  void stop() throws Exception {
    console.close();
  }

  @Test
  void aScrapeCarriesThePromisedNamesFromTheStart() throws Exception {
    Answer scrape = console.get("/metrics").expect(200);

    assertThat(scrape.header("Content-Type")).startsWith("text/plain; version=0.0.4");
    assertThat(scrape.text())
        .contains("\ntiered_storage_segments_total{policy=\"hot\"} 0.0\n")
        .contains("\ntiered_storage_segments_total{policy=\"warm\"} 0.0\n")
        .contains("\ntiered_storage_segments_total{policy=\"cold\"} 0.0\n")
        .containsPattern("\ntiered_storage_archive_operations_total(\\{[^}]*})? 0.0\n")
        .containsPattern("\ntiered_storage_s3_bytes_uploaded [0-9.]+\n");
  }

  @Test
  void thePromisedMetricsCount() throws Exception {
    // Given
    String path = console.seal("orders", 3).get(0);

    // When
    console.move("archive", path).expect(200);
    String scrape = console.get("/metrics").text();

    // Then
    assertThat(sum(scrape, "tiered_storage_segments_total")).isEqualTo(3);
    assertThat(sum(scrape, "tiered_storage_archive_operations_total")).isEqualTo(1);
    assertThat(sum(scrape, "tiered_storage_s3_bytes_uploaded")).isGreaterThan(100_000);
    assertThat(scrape)
        .doesNotContain("tiered_storage_s3_bytes_uploaded_total", "tiered_storage_segments{");
  }

  @Test
  void requestsAreCountedByRouteAndNeverByPath() throws Exception {
    // Given
    console.get(API + "/segments/orders-0/00000000000000000000.log").expect(404);
    console.get("/nothing/" + "x".repeat(100)).expect(404);

    // When
    String scrape = console.get("/metrics").text();

    // Then
    assertThat(scrape)
        .contains("route=\"/api/v1/tiered/segments/<segment_path>\",status=\"404\"")
        .doesNotContain("xxxx", "00000000000000000000");
  }

  @Test
  void everyMetricIsDocumentedWithItsType() throws Exception {
    // Given
    String path = console.seal("orders", 2).get(0);
    console.store.fail(() -> new StoreException.Unavailable("down", null));
    console.move("archive", path).expect(503);
    console.store.heal();
    console.move("archive", path).expect(200);
    console.read(path);
    console.move("restore", path).expect(200);
    console.post(API + "/policy/run", "{}").expect(200);
    console.post(API + "/sweep", "{}").expect(200);
    assertThat(console.store.fired()).isPositive();

    // When
    Map<String, String> scraped = matches(TYPE, console.get("/metrics").text());
    Map<String, String> documented = matches(DOCUMENTED, Files.readString(DOCUMENT));

    // Then
    Set<String> undocumented = new TreeSet<>(scraped.keySet());
    undocumented.removeAll(documented.keySet());
    assertThat(undocumented).describedAs("missing in docs/metrics.md").isEmpty();
    scraped.forEach((name, type) -> assertThat(documented).containsEntry(name, type));
    Set<String> gone = new TreeSet<>(documented.keySet());
    gone.removeAll(scraped.keySet());
    // Which of the JVM's own appear depends on its collector and on what it has done so far.
    gone.removeIf(name -> name.startsWith("jvm_"));
    assertThat(gone).describedAs("documented, and not scraped").isEmpty();
  }

  private static Map<String, String> matches(Pattern pattern, String text) {
    Map<String, String> found = new TreeMap<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.put(matcher.group(1), matcher.group(2));
    }
    return found;
  }

  private static double sum(String scrape, String name) {
    Matcher samples = Pattern.compile("(?m)^" + name + "(?:\\{[^}]*})? (\\S+)$").matcher(scrape);
    double sum = 0;
    while (samples.find()) {
      sum += Double.parseDouble(samples.group(1));
    }
    return sum;
  }
}
