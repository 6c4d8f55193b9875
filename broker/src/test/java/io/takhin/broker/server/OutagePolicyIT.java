package io.takhin.broker.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.takhin.config.TakhinConfig;
import io.takhin.testkit.EmbeddedS3Fixture;
import io.takhin.testkit.Fault;
import io.takhin.testkit.FaultProxy;
import io.takhin.testkit.S3Operation;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.Gap;
import io.takhin.tiered.disk.DiskLevel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The store goes down under producers until the disk is full, once for each policy, and comes back.
 * The disk is of 2 MiB with marks at 1.0, 1.2 and 1.6, so that a full one takes seconds instead of
 * ten minutes.
 */
final class OutagePolicyIT {
  private static final String TOPIC = "t";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
  private static final long DISK_BYTES = 2 << 20;
  private static final int VALUE_CHARS = 4_000;

  /** Twice what the disk takes. */
  private static final int TOO_MANY = 1_000;

  @TempDir Path data;

  private FaultProxy proxy;
  private @Nullable TakhinServer running;
  private SmallDisk disk = new SmallDisk(Path.of(""), TOPIC, DISK_BYTES);

  /** What was acknowledged. */
  private final SortedMap<Long, String> written = new ConcurrentSkipListMap<>();

  private final String prefix = EmbeddedS3Fixture.shared().freshPrefix() + "logs";

  @BeforeEach
  void startProxy() throws IOException {
    proxy = FaultProxy.start(EmbeddedS3Fixture.shared().endpoint());
  }

  @AfterEach
  void stop() throws IOException {
    server().close();
    proxy.close();
  }

  private TakhinServer server() {
    return Objects.requireNonNull(running);
  }

  private void start(String policy) throws Exception {
    start(policy, 1);
  }

  private void start(String policy, int maxRetries) throws Exception {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("broker.port", "0");
    keys.put("console.port", "0");
    keys.put("storage.data.dir", data.toString());
    keys.put("storage.log.segment.bytes", "65536");
    keys.put("storage.tiered.enabled", "true");
    keys.put("storage.tiered.warm.age.hours", "0");
    keys.put("storage.tiered.cold.age.hours", "0");
    keys.put("storage.tiered.archive.interval.minutes", "0.01");
    keys.put("storage.tiered.read.timeout.seconds", "1");
    keys.put("storage.tiered.s3.endpoint", proxy.endpoint().toString());
    keys.put("storage.tiered.s3.bucket", EmbeddedS3Fixture.shared().bucket());
    keys.put("storage.tiered.s3.prefix", prefix);
    keys.put("storage.tiered.s3.request.timeout.seconds", "1");
    keys.put("storage.tiered.s3.max.retries", String.valueOf(maxRetries));
    keys.put("storage.tiered.outage.policy", policy);
    keys.put("storage.tiered.disk.low.percent", "50");
    keys.put("storage.tiered.disk.high.percent", "60");
    keys.put("storage.tiered.disk.full.percent", "80");
    disk = new SmallDisk(data, TOPIC, DISK_BYTES);
    running = TakhinServer.start(TakhinConfig.load(null, Map.of(), keys), disk);
  }

  private TieredStorageManager tiers() {
    return server().tiers().orElseThrow();
  }

  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofMinutes(4)).pollInterval(Duration.ofMillis(100));
  }

  private KafkaProducer<String, String> producer(Map<String, Object> more) {
    Map<String, Object> config = new HashMap<>(more);
    config.put("bootstrap.servers", server().bootstrapServers());
    config.putIfAbsent("delivery.timeout.ms", 180_000);
    return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
  }

  /** One after the other, so that what was acknowledged is known. */
  private void produce(int count) throws Exception {
    try (KafkaProducer<String, String> producer = producer(Map.of())) {
      for (int i = 0; i < count; i++) {
        String value = written.size() + "-" + "x".repeat(VALUE_CHARS);
        long offset = producer.send(new ProducerRecord<>(TOPIC, 0, null, value)).get().offset();
        written.put(offset, value);
      }
    }
  }

  private CompletableFuture<Void> produceMeanwhile(int count) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            produce(count);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private KafkaConsumer<String, String> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers",
            server().bootstrapServers(),
            "group.id",
            "g",
            "enable.auto.commit",
            false,
            "auto.offset.reset",
            "earliest"),
        new StringDeserializer(),
        new StringDeserializer());
  }

  /** From offset 0, or from where the log starts, to its end. */
  private SortedMap<Long, String> readAll() {
    SortedMap<Long, String> read = new TreeMap<>();
    try (KafkaConsumer<String, String> consumer = consumer()) {
      consumer.assign(List.of(PARTITION));
      consumer.seek(PARTITION, 0);
      long end = written.lastKey() + 1;
      patiently()
          .until(
              () -> {
                consumer
                    .poll(Duration.ofMillis(200))
                    .forEach(record -> read.put(record.offset(), record.value()));
                return consumer.position(PARTITION) >= end;
              });
    }
    return read;
  }

  private void awaitArchived() {
    patiently().until(() -> new LocalLogs(data, TOPIC).files().size() == 1);
    patiently()
        .until(
            () -> {
              var catalog = tiers().stats().catalog();
              return catalog.archivedSegments() == catalog.segments() && catalog.segments() > 3;
            });
  }

  private JsonNode get(String path) throws Exception {
    URI uri = URI.create(server().console().orElseThrow() + path);
    return new ObjectMapper()
        .readTree(
            HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .body());
  }

  private long requests() {
    return tiers().stats().traffic().requestsByOperation().values().stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  @Test
  void holdRefusesWritesAtTheFullMarkAndLosesNothing() throws Exception {
    // Given a store that is down, and producers who fill the disk
    start("hold");
    produce(20);
    proxy.goDown();
    CompletableFuture<Void> load = produceMeanwhile(TOO_MANY);
    patiently().until(() -> tiers().disk().status().level() == DiskLevel.FULL);
    patiently().until(() -> !tiers().stats().store().reachable());
    long before = requests();

    // Then writes are refused so that clients try again, and the disk stays below its size
    assertThatThrownBy(this::produceWithoutRetries)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(KafkaStorageException.class)
        .isInstanceOf(RetriableException.class)
        .hasMessageContaining("storage.tiered.disk.full.percent 80");
    assertThat(disk.usedBytes()).isLessThan(DISK_BYTES * 9 / 10);
    assertThat(load.isDone()).isFalse();
    // and reads and commits go on
    commitWhatIsRead();
    JsonNode shown = get("/api/v1/tiered/disk");
    assertThat(shown.path("level").asText()).isEqualTo("full");
    assertThat(shown.path("policy").asText()).isEqualTo("hold");
    assertThat(get("/health/ready").path("status").asText()).isEqualTo("degraded");
    // and the store is not stormed, although the policy would run twice a second
    patiently().pollDelay(Duration.ofSeconds(5)).until(() -> true);
    assertThat(requests() - before).isLessThan(40);

    // When
    proxy.comeUp();

    // Then
    load.get(4, TimeUnit.MINUTES);
    awaitArchived();
    assertThat(readAll()).isEqualTo(written);
    assertThat(tiers().gaps().count()).isZero();
  }

  private void produceWithoutRetries() throws Exception {
    try (KafkaProducer<String, String> producer =
        producer(Map.of("retries", 0, "enable.idempotence", false))) {
      var unused = producer.send(new ProducerRecord<>(TOPIC, 0, null, "refused")).get();
    }
  }

  private void commitWhatIsRead() {
    try (KafkaConsumer<String, String> consumer = consumer()) {
      consumer.assign(List.of(PARTITION));
      consumer.seek(PARTITION, 100);
      patiently().until(() -> !consumer.poll(Duration.ofMillis(200)).isEmpty());
      consumer.commitSync(Map.of(PARTITION, new OffsetAndMetadata(100)));
    }
  }

  @Test
  void backpressureSlowsProducersAndLosesNothing() throws Exception {
    // Given
    start("backpressure");
    proxy.goDown();
    CompletableFuture<Void> load = produceMeanwhile(TOO_MANY);
    patiently().until(() -> tiers().disk().status().level() == DiskLevel.HIGH);
    long began = System.nanoTime();
    int before = acknowledged();

    // When
    patiently().pollDelay(Duration.ofSeconds(8)).until(() -> true);

    // Then they wait ever longer: unhindered, the disk would be full within a second
    double perSecond = (acknowledged() - before) * 1e9 / Math.max(1, System.nanoTime() - began);
    assertThat(perSecond).isPositive().isLessThan(30);
    assertThat(disk.usedBytes()).isLessThan(DISK_BYTES * 8 / 10 + 100_000);
    assertThat(tiers().disk().admit(0).delayMillis()).isPositive();

    // When
    proxy.comeUp();

    // Then
    load.get(4, TimeUnit.MINUTES);
    awaitArchived();
    assertThat(readAll()).isEqualTo(written);
    assertThat(tiers().gaps().count()).isZero();
  }

  /** By the disk, because the map belongs to the thread that produces. */
  private int acknowledged() throws IOException {
    return (int) (disk.usedBytes() / VALUE_CHARS);
  }

  @Test
  void shedDropsTheOldestAndExactlyTheRecordedGapsAreMissing() throws Exception {
    // Given data in the bucket, and a store that goes down after it
    start("shed");
    produce(100);
    awaitArchived();
    proxy.goDown();

    // When twice as much is written as the disk takes
    produce(TOO_MANY);

    // Then
    assertThat(disk.usedBytes()).isLessThan(DISK_BYTES * 9 / 10);
    patiently() // What was dropped last may still be on its way into a gap.
        .untilAsserted(
            () -> {
              List<Gap> gaps = tiers().gaps().all();
              assertThat(gaps).isNotEmpty();
              JsonNode shown = get("/api/v1/tiered/gaps");
              assertThat(shown.path("total_gaps").asInt()).isEqualTo(gaps.size());
              assertThat(shown.path("gaps").get(0).path("from_offset").asLong()).isPositive();
            });
    assertThat(get("/health/ready").path("status").asText()).isEqualTo("degraded");

    // When
    proxy.comeUp();
    awaitArchived();
    patiently().until(() -> tiers().stats().unfinished() == 0 && !hasUnsettledGaps());

    // Then
    assertThat(readAll()).isEqualTo(withoutGaps());
    assertThat(written.size()).isGreaterThan(withoutGaps().size());
    assertThat(withoutGaps()).containsKey(0L);
  }

  @Test
  void aGapAtTheBeginningMovesTheStartOfTheLog() throws Exception {
    // Given a store that was never there
    start("shed");
    proxy.goDown();
    produce(TOO_MANY);
    patiently().until(() -> disk.usedBytes() < DISK_BYTES * 8 / 10); // Nothing more is dropped.

    // Then
    try (KafkaConsumer<String, String> consumer = consumer()) {
      patiently()
          .untilAsserted(
              () -> {
                List<Gap> gaps = tiers().gaps().all();
                assertThat(gaps).singleElement().extracting(Gap::fromOffset).isEqualTo(0L);
                assertThat(consumer.beginningOffsets(List.of(PARTITION)))
                    .isEqualTo(Map.of(PARTITION, gaps.get(0).toOffset()));
              });
    }
    patiently() // The round that dropped may have gone on while this was read.
        .untilAsserted(() -> assertThat(readAll()).isEqualTo(withoutGaps()));

    // And after a restart
    proxy.comeUp();
    server().close();
    start("hold");
    awaitArchived();
    assertThat(readAll()).isEqualTo(withoutGaps());
  }

  private boolean hasUnsettledGaps() {
    return tiers().gaps().all().stream()
        .anyMatch(gap -> tiers().covering(gap.first().partition(), gap.fromOffset()).isPresent());
  }

  private SortedMap<Long, String> withoutGaps() {
    SortedMap<Long, String> expected = new TreeMap<>(written);
    for (Gap gap : tiers().gaps().all()) {
      expected.subMap(gap.fromOffset(), gap.toOffset()).clear();
    }
    return expected;
  }

  @Test
  void everythingIsArchivedAlthoughOneRequestInThreeFails() throws Exception {
    // Given
    start("hold", 3);
    AtomicInteger asked = new AtomicInteger();
    Fault failing =
        proxy
            .on()
            .targets(target -> asked.incrementAndGet() % 3 == 0)
            .refuse(500, "Internal Server Error", "InternalError");

    // When
    produce(200);
    awaitArchived();

    // Then
    assertThat(readAll()).isEqualTo(written);
    assertThat(failing.fired()).isGreaterThan(5);
  }

  @Test
  void answersThatHangAreGivenUpAndWorkGoesOn() throws Exception {
    // Given
    start("hold");
    List<Fault> hanging = new ArrayList<>();
    hanging.add(proxy.on(S3Operation.GET_OBJECT).times(2).hangDownload(100));
    hanging.add(proxy.on(S3Operation.PUT_OBJECT).skip(2).times(3).hangUpload(10));

    // When
    produce(100);
    awaitArchived();

    // Then
    assertThat(readAll()).isEqualTo(written);
    assertThat(hanging).allMatch(fault -> fault.fired() > 0);
  }
}
