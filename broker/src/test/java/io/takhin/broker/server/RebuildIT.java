package io.takhin.broker.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.takhin.broker.cli.Takhin;
import io.takhin.broker.server.ConsoleReader.Stats;
import io.takhin.broker.server.Records.Summary;
import io.takhin.testkit.EmbeddedS3Fixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** A broker that lost its disk, or its catalog, and the bucket that brings it back. */
class RebuildIT {
  private static final long MIB = 1 << 20;
  private static final String TOPIC = "t";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path dir;

  private Path data = Path.of("");
  private String prefix = "";
  private final Map<String, String> settings = new HashMap<>();

  @BeforeEach
  void ownPrefix(TestInfo test) {
    data = dir.resolve("data");
    prefix = "rebuild-" + test.getTestMethod().orElseThrow().getName();
    settings.put("storage.data.dir", data.toString());
    settings.put("storage.log.segment.bytes", Long.toString(MIB));
    settings.put("storage.tiered.enabled", "true");
    settings.put("storage.tiered.s3.endpoint", EmbeddedS3Fixture.shared().endpoint().toString());
    settings.put("storage.tiered.s3.bucket", EmbeddedS3Fixture.shared().bucket());
    settings.put("storage.tiered.s3.prefix", prefix);
    settings.put("storage.tiered.warm.age.hours", "0.0001");
    settings.put("storage.tiered.cold.age.hours", "0.0002");
    settings.put("storage.tiered.archive.interval.minutes", "0.01");
    settings.put("broker.port", "0");
    settings.put("console.port", "0");
  }

  private TakhinProcess start() throws IOException {
    return TakhinProcess.start(settings, dir.resolve("takhin.log"));
  }

  /** How a command ended. */
  private record Outcome(int exitCode, String output) {
    JsonNode json() throws IOException {
      return JSON.readTree(output);
    }
  }

  private Outcome rebuild(String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                Takhin.class.getName(),
                "rebuild"));
    command.addAll(Arrays.asList(options));
    settings.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
    Path errors = dir.resolve("rebuild.log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.to(errors.toFile()));
    builder
        .environment()
        .putAll(Map.of("AWS_ACCESS_KEY_ID", "any", "AWS_SECRET_ACCESS_KEY", "any"));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exitCode = process.waitFor();
    return new Outcome(exitCode, exitCode == 0 ? output : output + Files.readString(errors));
  }

  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofMinutes(3)).pollInterval(Duration.ofMillis(100));
  }

  /** How many sealed segments have local files. */
  private int sealedHere() throws IOException {
    return new LocalLogs(data, TOPIC).files().size() - Records.PARTITIONS;
  }

  /** Waits until all sealed segments are only in the bucket, which at least so many are. */
  private Stats awaitArchived(TakhinProcess takhin, long atLeast) {
    ConsoleReader console = new ConsoleReader(takhin.console());
    patiently().untilAsserted(() -> assertThat(sealedHere()).isZero());
    return patiently()
        .until(console::stats, stats -> stats.allArchived() && stats.total() >= atLeast);
  }

  /** Where the archived segments of each partition end. */
  private static List<Long> archivedEnds(TakhinProcess takhin) throws IOException {
    List<JsonNode> segments = new ConsoleReader(takhin.console()).segments();
    return IntStream.range(0, Records.PARTITIONS)
        .mapToObj(
            partition ->
                segments.stream()
                    .filter(
                        segment ->
                            segment
                                .get("segment_path")
                                .asText()
                                .startsWith(TOPIC + "-" + partition + "/"))
                    .mapToLong(segment -> segment.get("end_offset").asLong())
                    .max()
                    .orElse(0))
        .toList();
  }

  private void deleteDataDirectory() throws IOException {
    try (Stream<Path> tree = Files.walk(data)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Test
  void everyArchivedRecordComesBackFromTheBucketAlone() throws Exception {
    // Given a broker whose sealed segments are archived, and that loses its disk
    Summary archived;
    List<Long> ends;
    long segments;
    try (TakhinProcess takhin = start()) {
      Summary written = Records.write(takhin.bootstrapServers(), TOPIC, 24 * MIB, 1);
      segments = awaitArchived(takhin, 16).total();
      ends = archivedEnds(takhin);
      archived = Records.read(takhin.bootstrapServers(), TOPIC, ends);
      assertThat(archived.count()).isPositive().isLessThan(written.count());
      takhin.kill();
    }
    deleteDataDirectory();

    // When it is rebuilt, after a look at what that would give
    JsonNode planned = rebuild("--dry-run", "--json").json();
    assertThat(planned.get("segments").asLong()).isEqualTo(segments);
    assertThat(planned.get("problems")).isEmpty();
    assertThat(data).doesNotExist();
    Outcome rebuilt = rebuild();
    assertThat(rebuilt.exitCode()).as(rebuilt.output()).isZero();
    assertThat(rebuilt.output()).contains("rebuilt: 1 topics, 4 partitions, " + segments);

    // Then it serves all that was archived, appends behind it, and uploads nothing again
    try (TakhinProcess takhin = start()) {
      assertThat(Records.ends(takhin.bootstrapServers(), TOPIC)).isEqualTo(ends);
      assertThat(Records.read(takhin.bootstrapServers(), TOPIC)).isEqualTo(archived);
      for (int partition = 0; partition < Records.PARTITIONS; partition++) {
        assertThat(Records.append(takhin.bootstrapServers(), TOPIC, partition, 1))
            .isEqualTo(ends.get(partition));
      }
      Stats stats = awaitArchived(takhin, segments);
      assertThat(stats.uploads()).as("nothing but the start's epoch").isLessThanOrEqualTo(1);
      assertThat(Records.read(takhin.bootstrapServers(), TOPIC, ends)).isEqualTo(archived);
    }
  }

  @Test
  void rebuildThatWasKilledKeepsTheBrokerFromStartingAndIsRepeated() throws Exception {
    // Given what a rebuild leaves that is killed at its very end, where most is there already
    Summary archived;
    try (TakhinProcess takhin = start()) {
      Summary unused = Records.write(takhin.bootstrapServers(), TOPIC, 12 * MIB, 2);
      awaitArchived(takhin, 8);
      archived = Records.read(takhin.bootstrapServers(), TOPIC, archivedEnds(takhin));
      takhin.kill();
    }
    deleteDataDirectory();
    assertThat(rebuild().exitCode()).isZero();
    new RebuildMarker(data).put();

    // Then no broker starts on it
    assertThatThrownBy(this::start).hasMessageContaining("run `takhin rebuild` again");

    // and the next rebuild makes it whole
    Outcome again = rebuild();
    assertThat(again.exitCode()).as(again.output()).isZero();
    try (TakhinProcess takhin = start()) {
      assertThat(Records.read(takhin.bootstrapServers(), TOPIC)).isEqualTo(archived);
    }
  }

  @Test
  void damagedCatalogIsRebuiltBesideTheLocalLogs() throws Exception {
    // Given segments that only the bucket has, and others that are here as well
    try (TakhinProcess takhin = start()) {
      Summary unused = Records.write(takhin.bootstrapServers(), TOPIC, 12 * MIB, 3);
      awaitArchived(takhin, 8);
    }
    settings.put("storage.tiered.local.min.residency.minutes", "60");
    Summary written;
    long remote;
    long both;
    try (TakhinProcess takhin = start()) {
      for (int partition = 0; partition < Records.PARTITIONS; partition++) {
        long unused = Records.append(takhin.bootstrapServers(), TOPIC, partition, 1200);
      }
      ConsoleReader console = new ConsoleReader(takhin.console());
      both = sealedHere(); // They stay for the residency, and nothing is written any more.
      assertThat(both).isGreaterThanOrEqualTo(Records.PARTITIONS);
      Stats stats =
          patiently()
              .until(console::stats, s -> s.inState("archived") == both && s.unfinished() == 0);
      remote = stats.archived();
      written = Records.read(takhin.bootstrapServers(), TOPIC);
    }
    Path catalog = data.resolve(".catalog").resolve("segments.db");
    Files.writeString(catalog, "no database at all ".repeat(1000));
    assertThatThrownBy(this::start).hasMessageContaining("takhin rebuild --catalog-only");

    // When the operator does as told
    assertThat(rebuild("--catalog-only").exitCode()).isEqualTo(4);
    Files.move(catalog, dir.resolve("damaged.db"));
    JsonNode report = rebuild("--catalog-only", "--json").json();

    // Then what only the bucket had is known again, what is here is proved, and nothing is sent
    assertThat(report.get("segments").asLong()).isEqualTo(remote);
    assertThat(report.get("local_segments").asLong()).isEqualTo(both);
    assertThat(report.get("problems")).isEmpty();
    try (TakhinProcess takhin = start()) {
      ConsoleReader console = new ConsoleReader(takhin.console());
      Stats stats =
          patiently()
              .until(console::stats, s -> s.inState("archived") == both && s.unfinished() == 0);
      assertThat(stats.uploads()).as("nothing but the start's epoch").isLessThanOrEqualTo(1);
      assertThat(Records.read(takhin.bootstrapServers(), TOPIC)).isEqualTo(written);
    }
  }

  @Test
  void aDirectoryWithLogsIsRefused() throws Exception {
    try (TakhinProcess takhin = start()) {
      Records.createTopic(takhin.bootstrapServers(), TOPIC);
    }
    Files.deleteIfExists(data.resolve(".catalog").resolve("segments.db"));

    Outcome refused = rebuild();

    assertThat(refused.exitCode()).isEqualTo(4);
    assertThat(refused.output()).contains("is not empty").contains("--catalog-only");
  }
}
