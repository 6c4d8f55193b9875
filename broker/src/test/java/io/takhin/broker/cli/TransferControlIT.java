package io.takhin.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.takhin.broker.server.TakhinServer;
import io.takhin.config.TakhinConfig;
import io.takhin.testkit.EmbeddedS3Fixture;
import io.takhin.testkit.Fault;
import io.takhin.testkit.FaultProxy;
import io.takhin.testkit.S3Operation;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Transfers of a running broker are seen, slowed down and cancelled from outside, on a server
 * behind a proxy that holds them up.
 */
@Timeout(600)
final class TransferControlIT {
  private static final String SEGMENT = "bulk-0/00000000000000000000.log";
  private static final String OPERATIONS = "/api/v1/tiered/operations/";
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final long PART_BYTES = 5 << 20;
  private static final int SEGMENT_BYTES = 22 << 20; // five parts
  private static final int RECORD_BYTES = 500_000;
  private static final int RECORDS = 60;

  private final EmbeddedS3Fixture s3 = EmbeddedS3Fixture.shared();
  private final String prefix = s3.freshPrefix().replaceAll("/$", "");
  private Path data;
  private FaultProxy proxy;
  private TakhinServer server;
  private S3Store bucket;
  private ConsoleClient console;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    data = directory;
    proxy = FaultProxy.start(s3.endpoint());
    bucket =
        new S3Store(
            S3Options.at(s3.endpoint(), s3.bucket(), "us-east-1")
                .withKeys(new S3Options.StaticKeys("any", "any")));
    server = TakhinServer.start(config());
    console = new ConsoleClient(server.console().orElseThrow(), LIMIT);
    Map<String, Object> producing =
        Map.of("bootstrap.servers", server.bootstrapServers(), "max.request.size", 10 << 20);
    byte[] record = new byte[RECORD_BYTES];
    Random random = new Random(1);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < RECORDS; i++) {
        random.nextBytes(record);
        producer.send(new ProducerRecord<>("bulk", record.clone())).get();
      }
    }
    await().atMost(LIMIT).until(() -> Run.of("segments", "--url", url()).out().contains(SEGMENT));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    proxy.assertAllFired();
    proxy.close();
    bucket.close();
  }

  @Test
  void anUploadThatHangsIsSeenAndCancelledAndLeavesNothing() throws Exception {
    // Given an archive whose first part arrives, and whose others hang
    Fault hang = proxy.on(S3Operation.UPLOAD_PART).skip(1).hangUpload(1 << 20);
    String operation = begin("archive");
    JsonNode transfer = theTransfer(1);

    // Then it is seen, with its progress
    assertThat(transfer.path("direction").asText()).isEqualTo("upload");
    assertThat(transfer.path("key").asText()).isEqualTo(prefix + "/" + SEGMENT);
    assertThat(transfer.path("reason").asText()).isEqualTo("asked for over REST");
    assertThat(transfer.path("done_bytes").asLong()).isBetween(1L, PART_BYTES);
    assertThat(transfer.path("total_bytes").asLong()).isGreaterThan(4 * PART_BYTES);
    assertThat(transfer.path("percent").asDouble()).isBetween(1.0, 25.0);
    assertThat(bucket.pendingUploads(prefix)).hasSize(1);
    assertThat(Run.of("transfers", "--url", url()).out())
        .contains("ID", "PERCENT", "upload", prefix + "/" + SEGMENT, "21.9 MiB");

    // When it is cancelled
    String id = transfer.path("id").asText();
    Run cancel = Run.of("transfers", "--cancel", id, "--url", url());

    // Then nothing of it is left in the bucket, and everything on the disk
    assertThat(cancel.out()).startsWith("cancelled upload " + id).contains(SEGMENT, " MiB");
    assertThat(failureOf(operation)).contains("transfer-cancelled");
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              assertThat(console.get("/api/v1/tiered/transfers").path("transfers")).isEmpty();
              assertThat(bucket.pendingUploads(prefix)).isEmpty();
            });
    assertThat(bucket.list(prefix, null, 10))
        .allMatch(object -> object.key().value().startsWith(prefix + "/.takhin/writers/"));
    assertThat(data.resolve(SEGMENT)).exists();
    assertThat(hang.fired()).isPositive();
    Run again = Run.of("transfers", "--cancel", id, "--url", url());
    assertThat(again.exitCode()).isEqualTo(ExitCode.FAILED.status());
    assertThat(again.err()).contains("HTTP 404", "'" + id + "'");

    // And once nothing hangs any more, the same segment goes
    hang.release();
    assertThat(Run.of("archive", SEGMENT, "--url", url()).out()).contains("remoteonly");
  }

  @Test
  void aDownloadThatHangsIsSeenAndCancelledAndLeavesNothing() throws Exception {
    // Given a restore of which a part has arrived
    Run.of("archive", SEGMENT, "--url", url());
    assertThat(data.resolve(SEGMENT)).doesNotExist();
    Fault hang =
        proxy
            .on(S3Operation.GET_OBJECT)
            .targets(target -> target.contains(".log"))
            .hangDownload(1 << 20);
    String operation = begin("restore");
    JsonNode transfer = theTransfer(1 << 20);
    assertThat(transfer.path("direction").asText()).isEqualTo("download");
    assertThat(transfer.path("priority").asText()).isEqualTo("foreground");
    assertThat(files(data.resolve(".restored"))).anyMatch(file -> file.contains(".part-"));

    // When
    JsonNode answer = console.delete("/api/v1/tiered/transfers/" + transfer.path("id").asLong());

    // Then
    assertThat(answer.path("id")).isEqualTo(transfer.path("id"));
    assertThat(failureOf(operation)).contains("transfer-cancelled");
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(files(data.resolve(".restored")))
                    .noneMatch(file -> file.contains(".log")));
    assertThat(hang.fired()).isPositive();

    // And once nothing hangs any more, the same segment comes
    hang.release();
    assertThat(Run.of("restore", SEGMENT, "--url", url()).out()).contains("restored");
  }

  @Test
  void aLimitSlowsATransferThatIsUnderWayDownAndIsTakenOffIt() throws Exception {
    // Given a rate at which the second part would begin only after minutes
    long bytesPerSecond = 16 << 10;
    Run slow = Run.of("limits", "--upload", "16KiB/s", "--url", url());
    assertThat(slow.out()).contains("upload     16.0 KiB/s", "download   none");
    long beganNanos = System.nanoTime();
    String operation = begin("archive");
    JsonNode transfer = theTransfer(1);

    // Then no more has passed than the rate allows, and the first part that is paid afterwards
    double seconds = (System.nanoTime() - beganNanos) / 1e9;
    assertThat(transfer.path("done_bytes").asLong()).isBetween(1L, PART_BYTES);
    assertThat((double) proxy.traffic().bytesUp())
        .isLessThan(PART_BYTES + bytesPerSecond * seconds + (1 << 20));

    // When it is taken off
    Run off = Run.of("limits", "--upload", "0", "--url", url());

    // Then the same transfer ends long before its time
    assertThat(off.out()).contains("upload     none");
    await().atMost(LIMIT).until(() -> state(operation).equals("succeeded"));
    double tookSeconds = (System.nanoTime() - beganNanos) / 1e9;
    assertThat(tookSeconds).isLessThan((SEGMENT_BYTES - 2 * PART_BYTES) / (double) bytesPerSecond);
    assertThat(proxy.traffic().bytesUp()).isGreaterThan(4 * PART_BYTES);
  }

  private TakhinConfig config() throws Exception {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("broker.port", "0");
    keys.put("console.port", "0");
    keys.put("storage.data.dir", data.toString());
    keys.put("storage.log.segment.bytes", String.valueOf(SEGMENT_BYTES));
    keys.put("storage.tiered.enabled", "true");
    keys.put("storage.tiered.auto.archive.enabled", "false");
    keys.put("storage.tiered.transfer.part.size.mb", "5");
    // A connection that hangs is let go after this time, also when its transfer is cancelled.
    keys.put("storage.tiered.s3.request.timeout.seconds", "5");
    // Enough for a transfer that hangs to be there still when a slow machine cancels it.
    keys.put("storage.tiered.s3.max.retries", "20");
    keys.put("storage.tiered.s3.endpoint", proxy.endpoint().toString());
    keys.put("storage.tiered.s3.bucket", s3.bucket());
    keys.put("storage.tiered.s3.prefix", prefix);
    return TakhinConfig.load(null, Map.of(), keys);
  }

  private String begin(String move) {
    return console
        .post("/api/v1/tiered/" + move + "?wait=false", Map.of("segment_path", SEGMENT))
        .path("operation_id")
        .asText();
  }

  /** The transfer of the log, once so much of it has arrived. */
  private JsonNode theTransfer(long doneBytes) {
    return await()
        .atMost(LIMIT)
        .until(
            () -> console.get("/api/v1/tiered/transfers").path("transfers").path(0),
            transfer ->
                transfer.path("key").asText().endsWith(".log")
                    && transfer.path("done_bytes").asLong() >= doneBytes);
  }

  private String state(String operation) {
    return console.get(OPERATIONS + operation).path("state").asText();
  }

  private String failureOf(String operation) {
    await().atMost(LIMIT).until(() -> state(operation).equals("failed"));
    return console.get(OPERATIONS + operation).path("problem").path("type").asText();
  }

  private static List<String> files(Path directory) throws Exception {
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (Stream<Path> tree = Files.walk(directory)) {
      return tree.filter(Files::isRegularFile).map(Path::toString).toList();
    }
  }

  private String url() {
    return server.console().orElseThrow().toString();
  }
}
