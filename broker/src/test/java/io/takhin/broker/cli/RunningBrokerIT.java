package io.takhin.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.takhin.broker.server.TakhinServer;
import io.takhin.config.TakhinConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The commands that talk to a broker, against one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RunningBrokerIT {
  private static final String FIRST = "orders-0/00000000000000000000.log";
  private static final int RECORDS = 400;

  private TakhinServer server;

  @BeforeAll
  void start(@TempDir Path data) throws Exception {
    server = TakhinServer.start(config(data, "true"));
    Map<String, Object> producing = Map.of("bootstrap.servers", server.bootstrapServers());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < RECORDS; i++) {
        producer.send(new ProducerRecord<>("orders", new byte[1000])).get();
      }
    }
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> server.tiers().orElseThrow().stats().catalog().segments() > 3);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @Test
  void statsShowTheTiersAndTheConsolesAnswer() {
    assertThat(ok("stats")).contains("TIER", "hot", "warm", "cold", "total");
    JsonNode stats = json("stats");
    assertThat(stats.path("total_segments").asLong())
        .isEqualTo(
            stats.path("hot_segments").asLong()
                + stats.path("warm_segments").asLong()
                + stats.path("cold_segments").asLong());
  }

  @Test
  void segmentsAreListedAPageAtATimeAndFiltered() {
    assertThat(ok("segments", "--limit", "1")).contains("SEGMENT", FIRST, "--after " + FIRST);
    assertThat(ok("segments", "--after", FIRST)).doesNotContain(FIRST);
    assertThat(json("segments", "--topic", "orders").path("segments")).isNotEmpty();
    assertThat(json("segments", "--topic", "nobody").path("segments")).isEmpty();
    Run refused = run("segments", "--tier", "tepid");
    assertThat(refused.exitCode()).isEqualTo(ExitCode.FAILED.status());
    assertThat(refused.err()).contains("HTTP 400", "tepid");
  }

  @Test
  void aSegmentGoesToTheBucketAndComesBack() {
    assertThat(ok("archive", FIRST)).contains(FIRST + " is remoteonly, tier cold");
    assertThat(json("archive", FIRST).path("is_archived").asBoolean()).isTrue();
    assertThat(ok("restore", FIRST)).contains(FIRST + " is restored");
    assertThat(json("restore", FIRST).path("is_archived").asBoolean()).isFalse();
    assertThat(ok("restore", "--no-wait", FIRST)).contains("restore accepted: operation ");
  }

  @Test
  void aSegmentThatCannotBeMovedFailsWithTheReason() {
    Run malformed = run("archive", "../../etc/passwd");
    Run unknown = run("restore", "nobody-0/00000000000000000000.log");

    assertThat(malformed.exitCode()).isEqualTo(ExitCode.FAILED.status());
    assertThat(malformed.err()).contains("HTTP 400", "../../etc/passwd");
    assertThat(unknown.exitCode()).isEqualTo(ExitCode.FAILED.status());
    assertThat(unknown.err()).contains("HTTP 404", "nobody-0/00000000000000000000.log");
  }

  @Test
  void whatHasNoOwnerIsToldAndRemoved() {
    assertThat(ok("sweep", "--dry-run")).contains("without an owner: 0").doesNotContain("removed:");
    assertThat(ok("sweep")).contains("removed: 0 objects");
    assertThat(json("sweep").path("result").path("retained").asLong()).isZero();
  }

  @Test
  void healthIsTheExitStatus() {
    assertThat(ok("health")).startsWith("live");
    assertThat(ok("health", "--ready")).startsWith("ready");
    assertThat(json("health", "--ready").path("checks").findValuesAsText("name"))
        .containsExactly("broker", "data_directory", "object_store", "writer", "disk");
  }

  @Test
  void theReadyLineNamesEveryAddress() {
    assertThat(server.readyLine())
        .contains("kafka=" + server.bootstrapServers(), "console=" + url(server), "s3://takhin");
  }

  @Test
  void aBrokerWithoutTiersHasAConsoleThatSaysSo(@TempDir Path data) throws Exception {
    try (TakhinServer local = TakhinServer.start(config(data, "false"))) {
      Run stats = Run.of("stats", "--url", url(local));
      Run ready = Run.of("health", "--ready", "--url", url(local));

      assertThat(stats.exitCode()).isEqualTo(ExitCode.FAILED.status());
      assertThat(stats.err()).contains("HTTP 503", "storage.tiered.enabled is false");
      assertThat(ready.exitCode()).isZero();
    }
  }

  @Test
  void aHoldIsSetListedAndReleased() {
    assertThat(
            ok("holds", "set", "audit", "--topic", "held", "--partition", "0", "--reason", "law"))
        .contains("hold audit is in force");
    assertThat(ok("holds", "list")).contains("audit", "held", "law", "held segments: 0");
    assertThat(json("holds", "list").path("holds")).hasSize(1);
    Run other = run("holds", "set", "audit", "--topic", "orders", "--reason", "x");
    assertThat(other.exitCode()).isEqualTo(ExitCode.FAILED.status());
    assertThat(other.err()).contains("HTTP 409", "release it first");
    assertThat(ok("holds", "release", "audit")).contains("hold audit is released");
    Run gone = run("holds", "release", "audit");
    assertThat(gone.exitCode()).isEqualTo(ExitCode.FAILED.status());
    assertThat(gone.err()).contains("HTTP 404", "audit");
  }

  @Test
  void undeleteTellsThatNothingIsDeleted() {
    assertThat(ok("undelete")).contains("nothing is deleted");
    assertThat(ok("undelete", "--topic", "orders")).contains("brought back: 0 segments");
    assertThat(run("undelete", "--topic", "orders", FIRST).exitCode())
        .isEqualTo(ExitCode.USAGE.status());
  }

  private static TakhinConfig config(Path data, String tiered) throws Exception {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("broker.port", "0");
    keys.put("console.port", "0");
    keys.put("storage.data.dir", data.toString());
    keys.put("storage.log.segment.bytes", "65536");
    keys.put("storage.tiered.enabled", tiered);
    keys.put("storage.tiered.s3.endpoint", "embedded");
    return TakhinConfig.load(null, Map.of(), keys);
  }

  private String ok(String... args) {
    Run run = run(args);
    assertThat(run.exitCode()).describedAs(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    return run.out();
  }

  private JsonNode json(String... args) {
    Run run = run(Stream.concat(Arrays.stream(args), Stream.of("--json")).toArray(String[]::new));
    assertThat(run.exitCode()).describedAs(run.err()).isZero();
    return run.json();
  }

  private Run run(String... args) {
    return Run.of(
        Stream.concat(Arrays.stream(args), Stream.of("--url", url(server))).toArray(String[]::new));
  }

  private static String url(TakhinServer of) {
    return of.console().orElseThrow().toString();
  }
}
