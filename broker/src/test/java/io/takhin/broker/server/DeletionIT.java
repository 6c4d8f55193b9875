package io.takhin.broker.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.takhin.config.TakhinConfig;
import io.takhin.testkit.EmbeddedS3Fixture;
import io.takhin.testkit.Fault;
import io.takhin.testkit.FaultProxy;
import io.takhin.testkit.S3Operation;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.archive.Hold;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.PartitionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Retention, holds, deletion and the way back, through the ordinary clients. */
class DeletionIT {
  private static final String TOPIC = "orders";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
  private static final int SEGMENT_BYTES = 64 << 10;
  private static final int VALUE_CHARS = 1000;

  @TempDir Path data;
  private final Map<String, String> settings = new HashMap<>();
  private final String prefix = "deletion-" + UUID.randomUUID();
  private TakhinServer server;
  private Admin admin;

  @BeforeEach
  void prepare() throws Exception {
    settings.put("storage.data.dir", data.toString());
    settings.put("storage.log.segment.bytes", Integer.toString(SEGMENT_BYTES));
    settings.put("storage.tiered.enabled", "true");
    settings.put("storage.tiered.s3.endpoint", EmbeddedS3Fixture.shared().endpoint().toString());
    settings.put("storage.tiered.s3.bucket", EmbeddedS3Fixture.shared().bucket());
    settings.put("storage.tiered.s3.prefix", prefix);
    settings.put("storage.tiered.warm.age.hours", "0");
    settings.put("storage.tiered.cold.age.hours", "0");
    settings.put("storage.tiered.archive.interval.minutes", "0.01");
    settings.put("broker.port", "0");
    settings.put("console.enabled", "false");
    start();
  }

  private void start() throws Exception {
    server = TakhinServer.start(TakhinConfig.load(null, Map.of(), settings));
    admin = Admin.create(Map.of("bootstrap.servers", server.bootstrapServers()));
  }

  @AfterEach
  void stop() {
    admin.close();
    server.close();
  }

  private void restart() throws Exception {
    stop();
    start();
  }

  private TieredStorageManager tiers() {
    return server.tiers().orElseThrow();
  }

  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofMinutes(3)).pollInterval(Duration.ofMillis(100));
  }

  private Bucket bucket() {
    return new Bucket(
        EmbeddedS3Fixture.shared().endpoint(), EmbeddedS3Fixture.shared().bucket(), prefix + "/");
  }

  private void create(Map<String, String> config) throws Exception {
    admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1).configs(config))).all().get();
  }

  private static String value(long offset) {
    return offset + "-" + "x".repeat(VALUE_CHARS);
  }

  /** Produces values that name their offsets, as many as asked for, from the end on. */
  private void produce(int count) throws Exception {
    long first = offset(OffsetSpec.latest());
    List<Future<?>> sent = new ArrayList<>();
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", server.bootstrapServers(), "batch.size", 4096),
            new StringSerializer(),
            new StringSerializer())) {
      for (int i = 0; i < count; i++) {
        sent.add(producer.send(new ProducerRecord<>(TOPIC, 0, null, value(first + i))));
      }
      producer.flush();
    }
    for (Future<?> each : sent) {
      each.get();
    }
  }

  private long offset(OffsetSpec spec) throws Exception {
    return Objects.requireNonNull(
            admin.listOffsets(Map.of(PARTITION, spec)).all().get().get(PARTITION))
        .offset();
  }

  private long start0() throws Exception {
    return offset(OffsetSpec.earliest());
  }

  /** Reads from the offset up to the end, and checks that each record is there and as it was. */
  private void requireReadable(long from) throws Exception {
    long end = offset(OffsetSpec.latest());
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", server.bootstrapServers(), "auto.offset.reset", "none"),
            new StringDeserializer(),
            new StringDeserializer())) {
      consumer.assign(List.of(PARTITION));
      consumer.seek(PARTITION, from);
      long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
      long next = from;
      while (next < end && System.nanoTime() < deadline) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
          assertThat(record.offset()).isEqualTo(next);
          assertThat(record.value()).isEqualTo(value(next));
          next++;
        }
      }
      assertThat(next).isEqualTo(end);
    }
  }

  private List<SegmentMetadata> living() {
    return tiers().segments(new PartitionId(TOPIC, 0)).stream()
        .filter(segment -> !(segment.state() instanceof SegmentState.Deleting))
        .toList();
  }

  /** Waits until all sealed segments are in the bucket only; gives the offset after the last. */
  private long awaitArchived(int atLeast) {
    AtomicLong end = new AtomicLong();
    patiently()
        .untilAsserted(
            () -> {
              assertThat(localLogs()).as("the active segment").hasSize(1);
              List<SegmentMetadata> all = living();
              assertThat(all)
                  .hasSizeGreaterThanOrEqualTo(atLeast)
                  .allMatch(SegmentMetadata::isArchived);
              end.set(all.get(all.size() - 1).endOffset());
            });
    return end.get();
  }

  private List<Path> localLogs() throws IOException {
    return new LocalLogs(data, TOPIC).files();
  }

  /** Waits for deletions under way: a segment's manifest goes first, its other objects follow. */
  private void awaitOnlyTheLiving(Bucket bucket) {
    patiently()
        .ignoreExceptions() // A manifest may go between its listing and its reading.
        .untilAsserted(
            () -> {
              assertThat(bucket.manifests()).hasSameSizeAs(living());
              assertThat(bucket.keys()).hasSameElementsAs(bucket.named());
            });
  }

  @Test
  void retentionByBytesDeletesWhatItShouldAndNoMoreWhileUploadsFail() throws Exception {
    // Given a store of which many uploads fail
    stop();
    try (FaultProxy proxy = FaultProxy.start(EmbeddedS3Fixture.shared().endpoint())) {
      settings.put("storage.tiered.s3.endpoint", proxy.endpoint().toString());
      settings.put("storage.tiered.s3.max.retries", "1");
      Fault failing =
          proxy
              .on(S3Operation.PUT_OBJECT)
              .targets(target -> target.contains(".log"))
              .times(6)
              .refuse(500, "Internal Server Error", "InternalError");
      start();
      long keptBytes = 5L * SEGMENT_BYTES;
      create(Map.of("retention.bytes", Long.toString(keptBytes)));

      // When
      produce(1500);

      // Then the log is cut to the limit, by whole segments, and the bucket with it
      patiently()
          .untilAsserted(
              () -> {
                List<Path> active = localLogs();
                assertThat(active).as("the active segment").hasSize(1);
                List<SegmentMetadata> living = living();
                assertThat(living).isNotEmpty().allMatch(SegmentMetadata::isArchived);
                SegmentMetadata first = living.get(0);
                assertThat(start0()).isPositive().isEqualTo(first.id().baseOffset());
                long bytes =
                    Files.size(active.get(0))
                        + living.stream().mapToLong(SegmentMetadata::sizeBytes).sum();
                assertThat(bytes).isGreaterThanOrEqualTo(keptBytes);
                assertThat(bytes - first.sizeBytes()).isLessThan(keptBytes);
              });
      requireReadable(start0());
      try (Bucket bucket = bucket()) {
        awaitOnlyTheLiving(bucket);
      }
      assertThat(failing.fired()).isEqualTo(6);
      stop();
    }
    settings.put("storage.tiered.s3.endpoint", EmbeddedS3Fixture.shared().endpoint().toString());
    start();
  }

  @Test
  void aHoldStopsRetentionRequestsAndDeletion() throws Exception {
    // Given
    create(Map.of());
    produce(400);
    awaitArchived(4);
    tiers().holds().set(Hold.ofTopic("audit", TOPIC, "the auditors ask", 1));

    // When everybody wants it gone
    assertThatThrownBy(() -> admin.deleteTopics(List.of(TOPIC)).all().get())
        .hasCauseInstanceOf(PolicyViolationException.class)
        .hasMessageContaining("hold=audit");
    assertThatThrownBy(() -> deleteRecords(100)).hasCauseInstanceOf(PolicyViolationException.class);
    settings.put("storage.log.retention.hours", "0");
    restart();
    produce(200); // Retention has its turns meanwhile.
    awaitArchived(6);

    // Then all of it is there
    assertThat(start0()).isZero();
    requireReadable(0);

    // When it is released
    tiers().holds().release("audit");

    // Then retention goes on
    patiently().until(() -> start0() > 400);
  }

  private void deleteRecords(long before) throws Exception {
    admin.deleteRecords(Map.of(PARTITION, RecordsToDelete.beforeOffset(before))).all().get();
  }

  @Test
  void recordsBelowMinusOneAreRefused() throws Exception {
    create(Map.of());
    produce(5);

    assertThatThrownBy(() -> deleteRecords(-2)).hasCauseInstanceOf(OffsetOutOfRangeException.class);

    assertThat(start0()).isZero();
    deleteRecords(-1);
    assertThat(start0()).isEqualTo(5);
  }

  @Test
  void aDeletedTopicComesBackWithAllThatWasArchived() throws Exception {
    // Given
    settings.put("storage.tiered.delete.delay.hours", "1");
    restart();
    create(Map.of());
    produce(500);
    long archivedEnd = awaitArchived(5);

    // When it is deleted
    admin.deleteTopics(List.of(TOPIC)).all().get();

    // Then its name is taken, also after a restart
    patiently().until(() -> tiers().deletions().segments() >= 5);
    assertThatThrownBy(() -> create(Map.of()))
        .hasCauseInstanceOf(TopicExistsException.class)
        .hasMessageContaining("stay in the bucket until")
        .hasMessageContaining("takhin undelete --topic orders");
    restart();
    assertThatThrownBy(() -> create(Map.of())).hasCauseInstanceOf(TopicExistsException.class);

    // When it is undeleted
    var undeletion = tiers().deletions().undeleteTopic(TOPIC, "test").get(3, TimeUnit.MINUTES);

    // Then it holds what was archived, and goes on behind it
    assertThat(undeletion.failed()).isZero();
    assertThat(start0()).isZero();
    assertThat(offset(OffsetSpec.latest())).isEqualTo(archivedEnd);
    requireReadable(0);
    produce(100);
    restart();
    requireReadable(0);
    try (Bucket bucket = bucket()) {
      assertThat(bucket.keys()).noneMatch(key -> key.contains("tombstone"));
    }
  }

  @Test
  void whatRetentionDeletedComesBackIntoTheLivingTopic() throws Exception {
    // Given
    settings.put("storage.tiered.delete.delay.hours", "1");
    restart();
    create(Map.of());
    produce(500);
    awaitArchived(5);
    deleteRecords(300);
    patiently().until(() -> tiers().deletions().segments() >= 3);

    // When
    tiers().deletions().undeleteTopic(TOPIC, "test").get(3, TimeUnit.MINUTES);

    // Then
    assertThat(start0()).isZero();
    requireReadable(0);
    produce(10);
    restart();
    requireReadable(0);
  }

  @Test
  void aNameIsFreeWhenTheObjectsOfTheDeletedTopicAreGone() throws Exception {
    // Given
    settings.put("storage.tiered.delete.delay.hours", "0.004");
    restart();
    create(Map.of());
    produce(300);
    awaitArchived(3);
    admin.deleteTopics(List.of(TOPIC)).all().get();
    assertThatThrownBy(() -> create(Map.of())).hasCauseInstanceOf(TopicExistsException.class);

    // When the time has passed
    patiently()
        .ignoreExceptions()
        .until(
            () -> {
              create(Map.of());
              return true;
            });

    // Then the bucket is empty, and the new topic is archived like any other
    try (Bucket bucket = bucket()) {
      assertThat(bucket.keys()).isEmpty();
      produce(300);
      awaitArchived(3);
      requireReadable(0);
      awaitOnlyTheLiving(bucket);
    }
  }
}
