package io.takhin.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.takhin.testkit.EmbeddedS3Fixture;
import io.takhin.testkit.FaultProxy;
import io.takhin.testkit.LeavesObjects;
import io.takhin.testkit.S3Operation;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code takhin transfer} prints and how it exits, against a server. */
@LeavesObjects("what is moved here are objects of any kind, not segments")
final class TransferIT {
  private static final int LARGE_BYTES = 11 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path dir;

  private final EmbeddedS3Fixture server = EmbeddedS3Fixture.shared();
  private final String from = server.freshPrefix();
  private final String to = server.freshPrefix();
  private final ObjectStore store =
      new S3Store(
          S3Options.at(server.endpoint(), server.bucket(), "us-east-1")
              .withKeys(new S3Options.StaticKeys("any", "any")));

  @BeforeEach
  void fillTheSource() throws Exception {
    put("t-0/0.log", LARGE_BYTES);
    put("t-0/0.index", 1_000);
    put("t-1/0.log", 2_000);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void inOneServiceTheStoreCopies() throws Exception {
    Run run = transfer(server.endpoint(), server.endpoint());

    assertThat(run.exitCode()).describedAs(run.err()).isZero();
    assertThat(run.out())
        .contains("from s3://" + server.bucket(), "progress file " + file())
        .contains("direct: copied inside the store")
        .containsPattern("copied +3 +11\\.0 MiB")
        .containsPattern("through this machine +0 B")
        .containsPattern("inside the store +11\\.0 MiB")
        .contains("verified by checksum 3", "target.copy 3");
    assertThat(keys()).containsExactly("t-0/0.index", "t-0/0.log", "t-1/0.log");
    assertThat(file()).doesNotExist();
  }

  @Test
  void betweenTwoServersItStreamsAndSaysSo() throws Exception {
    try (FaultProxy elsewhere = FaultProxy.start(server.endpoint())) {
      Run run = transfer(server.endpoint(), elsewhere.endpoint(), "--chunk-size", "5MiB");

      assertThat(run.exitCode()).describedAs(run.err()).isZero();
      assertThat(run.out())
          .contains("stream: the sides are different services", "target.put_part 3");
      assertThat(elsewhere.traffic().requests(S3Operation.UPLOAD_PART)).isEqualTo(3);
    }
    assertThat(keys()).hasSize(3);
  }

  @Test
  void aCopyThatIsRefusedIsStreamedAndTheReasonIsGiven() throws Exception {
    try (FaultProxy proxy = FaultProxy.start(server.endpoint())) {
      proxy.on(S3Operation.COPY_OBJECT).refuse(403, "Forbidden", "AccessDenied");

      Run run = transfer(proxy.endpoint(), proxy.endpoint());

      proxy.assertAllFired();
      assertThat(run.exitCode()).describedAs(run.err()).isZero();
      assertThat(run.out()).contains("refused to copy", "403");
      assertThat(keys()).hasSize(3);
    }
  }

  @Test
  void oneObjectThatFailsIsNamedAndTheRestIsThere() throws Exception {
    try (FaultProxy proxy = FaultProxy.start(server.endpoint())) {
      proxy
          .on(S3Operation.PUT_OBJECT)
          .targets(path -> path.contains("t-1/0.log"))
          .refuse(403, "Forbidden", "AccessDenied");

      Run run = transfer(server.endpoint(), proxy.endpoint(), "--json");

      proxy.assertAllFired();
      assertThat(run.exitCode()).isEqualTo(ExitCode.INCOMPLETE.status());
      assertThat(run.err()).contains("1 objects were not transferred");
      List<JsonNode> events = events(run);
      assertThat(events.get(0).path("event").asText()).isEqualTo("start");
      JsonNode failed = events.get(events.size() - 2);
      assertThat(failed.path("event").asText()).isEqualTo("failed");
      assertThat(failed.path("key").asText()).isEqualTo(from + "t-1/0.log");
      JsonNode summary = events.get(events.size() - 1);
      assertThat(summary.path("complete").asBoolean()).isFalse();
      assertThat(summary.path("objects_copied").asInt()).isEqualTo(2);
      assertThat(file()).exists();
    }
  }

  @Test
  void theProgressFileOfAnotherTransferIsRefused() throws Exception {
    try (FaultProxy proxy = FaultProxy.start(server.endpoint())) {
      proxy.on(S3Operation.PUT_OBJECT).refuse(403, "Forbidden", "AccessDenied");
      assertThat(transfer(server.endpoint(), proxy.endpoint()).exitCode())
          .isEqualTo(ExitCode.INCOMPLETE.status());
      proxy.assertAllFired();
    }

    Run other = transfer(server.endpoint(), server.endpoint());

    assertThat(other.exitCode()).isEqualTo(ExitCode.USAGE.status());
    assertThat(other.err()).contains("another transfer", file().toString());
  }

  @Test
  void aTransferThatIsAskedToEndAbortsItsUploadsAndIsTakenUp() throws Exception {
    // Given: a rate at which the large object would take a minute.
    try (FaultProxy elsewhere = FaultProxy.start(server.endpoint())) {
      List<String> arguments = new ArrayList<>(arguments(server.endpoint(), elsewhere.endpoint()));
      arguments.add("--chunk-size=5MiB");
      TransferProcess slow =
          TransferProcess.start(
              dir.resolve("output"),
              Stream.concat(arguments.stream(), Stream.of("--bandwidth=200KiB/s")).toList());
      // The bucket knows of an upload before the process has been told its name, without which it
      // can abort nothing; the next run would.
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> Files.exists(file()) && Files.readString(file()).contains("\"upload\""));
      assertThat(store.pendingUploads(to)).isNotEmpty();

      // When
      int status = slow.interrupt();

      // Then
      assertThat(status).isEqualTo(128 + 15);
      assertThat(store.pendingUploads(to)).isEmpty();
      assertThat(file()).exists();
      TransferProcess.start(dir.resolve("output"), arguments).finish();
      assertThat(keys()).hasSize(3);
    }
  }

  @Test
  void aKeyThatIsNotCarriedIsNamedUnlessItIsExcluded() throws Exception {
    // Given: what other programs leave in buckets.
    putByHand("folder/");
    putByHand("with%20blank.txt");

    // When
    Run named = transfer(server.endpoint(), server.endpoint());
    Files.delete(file());
    Run excluded =
        transfer(
            server.endpoint(),
            server.endpoint(),
            "--exclude",
            "**/",
            "--exclude",
            "* *",
            "--mode=direct");

    // Then
    assertThat(named.exitCode()).isEqualTo(ExitCode.INCOMPLETE.status());
    assertThat(named.out())
        .contains("FAILED " + from + "folder/", "FAILED " + from + "with blank.txt");
    assertThat(excluded.exitCode()).describedAs(excluded.out()).isZero();
    assertThat(keys()).hasSize(3);
  }

  @Test
  void aDryRunOnlyTells() throws Exception {
    Run run =
        transfer(
            server.endpoint(),
            server.endpoint(),
            "--dry-run",
            "--include",
            "*.log",
            "--exclude",
            "t-1/**");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("copy", from + "t-0/0.log -> " + to + "t-0/0.log", "dry run: 1 objects")
        .doesNotContain("t-1");
    assertThat(keys()).isEmpty();
  }

  @Test
  void aBucketThatIsNotThereIsSaid() {
    Run run =
        Run.of(
            "transfer",
            "s3://no-such-bucket-here/a",
            "s3://" + server.bucket() + "/" + to,
            "--endpoint=" + server.endpoint(),
            "--progress-file=" + file());

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.status());
    assertThat(run.err()).contains("no-such-bucket-here", "does not exist").doesNotContain("\tat ");
  }

  @Test
  void aProfileThatIsNotThereIsSaid() {
    Run run = transfer(server.endpoint(), server.endpoint(), "--source-profile", "nobody-here");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.status());
    assertThat(run.err()).contains("nobody-here").doesNotContain("\tat ");
  }

  private Run transfer(URI source, URI target, String... options) {
    return Run.of(
        Stream.of(Stream.of("transfer"), arguments(source, target).stream(), Arrays.stream(options))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  private List<String> arguments(URI source, URI target) {
    return List.of(
        "s3://" + server.bucket() + "/" + from,
        "s3://" + server.bucket() + "/" + to,
        "--source-endpoint=" + source,
        "--target-endpoint=" + target,
        "--progress-file=" + file());
  }

  /** With a key that the store port does not take; the name is as it stands in the URL. */
  private void putByHand(String name) throws Exception {
    URI object = server.endpoint().resolve("/" + server.bucket() + "/" + from + name);
    HttpResponse<Void> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(object).PUT(BodyPublishers.ofString("x")).build(),
                BodyHandlers.discarding());
    assertThat(answer.statusCode()).isEqualTo(200);
  }

  private static List<JsonNode> events(Run run) throws Exception {
    List<JsonNode> events = new ArrayList<>();
    for (String line : run.out().lines().toList()) {
      events.add(JSON.readTree(line));
    }
    return events;
  }

  private List<String> keys() throws Exception {
    return store.list(to, null, 1000).stream()
        .map(object -> object.key().value().substring(to.length()))
        .toList();
  }

  private Path file() {
    return dir.resolve("transfer.progress");
  }

  private void put(String name, int sizeBytes) throws Exception {
    ByteBuffer body = ByteBuffer.allocate(sizeBytes);
    store.put(new ObjectKey(from + name), body, Crc32c.of(body), PutOptions.BINARY);
  }
}
