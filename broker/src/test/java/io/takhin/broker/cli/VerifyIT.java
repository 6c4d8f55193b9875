package io.takhin.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.takhin.broker.server.TakhinServer;
import io.takhin.config.TakhinConfig;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs and indexes that Kafka's own log wrote, in a bucket behind a real server. */
final class VerifyIT {
  private static final int RECORDS = 3_000;
  private static final Pattern ENDPOINT = Pattern.compile("s3://takhin at (http://[0-9.:]+)");

  @Test
  void whatKafkaWroteIsSoundAndWhatIsDamagedIsFoundAndRepaired(@TempDir Path data)
      throws Exception {
    try (TakhinServer server = TakhinServer.start(config(data))) {
      // Given segments in the bucket only, one that came back, and others that are only here
      produce(server);
      TieredStorageManager tiers = server.tiers().orElseThrow();
      await().atMost(Duration.ofMinutes(3)).until(() -> tiers.stats().catalog().segments() >= 6);
      List<SegmentMetadata> segments = tiers.segments(new PartitionId("orders", 0));
      for (SegmentMetadata segment : segments.subList(0, 3)) {
        tiers.archive(segment.id(), "test").get(3, TimeUnit.MINUTES);
      }
      tiers.restore(segments.get(1).id(), "test").get(3, TimeUnit.MINUTES);

      // When nothing is damaged, then nothing is found, to the last byte
      Run sound = verify(server, "--level", "2");
      assertThat(sound.exitCode()).describedAs(sound.out() + sound.err()).isZero();
      assertThat(sound.json().path("findings")).isEmpty();
      assertThat(sound.json().path("segments_checked").asInt()).isGreaterThanOrEqualTo(6);
      assertThat(sound.json().path("bytes_read").asLong()).isGreaterThan(500_000);

      // When an index, its copy and a log are damaged in the bucket
      try (S3Store bucket = bucket(server)) {
        String only = key(tiers, segments.get(0));
        bucket.delete(new ObjectKey(only + "index"));
        bucket.delete(new ObjectKey(only + "readindex"));
        ByteBuffer other = ByteBuffer.wrap(new byte[100]);
        bucket.put(
            new ObjectKey(key(tiers, segments.get(1)) + "log"),
            other,
            Crc32c.of(other),
            PutOptions.BINARY);
        Run damaged = verify(server, "--level", "0");
        Run repaired = verify(server, "--level", "1", "--repair", "--topic", "orders");
        Run after = verify(server, "--level", "2");

        // Then the exit code says so, until it is repaired
        assertThat(damaged.exitCode()).isEqualTo(ExitCode.DAMAGED.status());
        assertThat(damaged.json().path("findings").findValuesAsText("kind"))
            .containsExactlyInAnyOrder("object_missing", "object_missing", "object_size");
        assertThat(repaired.exitCode()).describedAs(repaired.out()).isZero();
        assertThat(repaired.json().path("findings").findValuesAsText("outcome"))
            .containsOnly("repaired");
        assertThat(after.exitCode()).describedAs(after.out()).isZero();
      }
    }
  }

  /** What the keys of the segment's objects begin with. */
  private static String key(TieredStorageManager tiers, SegmentMetadata segment) {
    String log = tiers.find(segment.id()).orElseThrow().objectKey().orElseThrow().value();
    return log.substring(0, log.length() - "log".length());
  }

  private static S3Store bucket(TakhinServer server) {
    Matcher endpoint = ENDPOINT.matcher(server.readyLine());
    assertThat(endpoint.find()).describedAs(server.readyLine()).isTrue();
    return new S3Store(
        S3Options.at(URI.create(endpoint.group(1)), "takhin", "us-east-1")
            .withKeys(new S3Options.StaticKeys("embedded", "embedded")));
  }

  private static Run verify(TakhinServer server, String... args) {
    String url = server.console().orElseThrow().toString();
    String[] all = new String[args.length + 4];
    all[0] = "verify";
    System.arraycopy(args, 0, all, 1, args.length);
    all[args.length + 1] = "--json";
    all[args.length + 2] = "--url";
    all[args.length + 3] = url;
    return Run.of(all);
  }

  private static void produce(TakhinServer server) throws Exception {
    Map<String, Object> producing =
        Map.of("bootstrap.servers", server.bootstrapServers(), "linger.ms", "5");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<?>> sent = new ArrayList<>();
      for (int i = 0; i < RECORDS; i++) {
        sent.add(producer.send(new ProducerRecord<>("orders", new byte[200 + i % 300])));
      }
      for (Future<?> one : sent) {
        one.get();
      }
    }
  }

  private static TakhinConfig config(Path data) throws Exception {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("broker.port", "0");
    keys.put("console.port", "0");
    keys.put("storage.data.dir", data.toString());
    keys.put("storage.log.segment.bytes", "131072");
    keys.put("storage.tiered.enabled", "true");
    keys.put("storage.tiered.s3.endpoint", "embedded");
    return TakhinConfig.load(null, Map.of(), keys);
  }
}
