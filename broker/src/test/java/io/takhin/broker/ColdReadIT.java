package io.takhin.broker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.takhin.broker.tiering.SealedSegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ColdReadIT {
  private static final int COUNT = 3000;
  private static final TopicPartition COLD = new TopicPartition("t", 0);
  private static final TopicPartition OTHER = new TopicPartition("t", 1);

  @TempDir Path dataDir;
  @TempDir Path coldDir;
  private final AtomicReference<@Nullable DirectoryTiering> created = new AtomicReference<>();
  private Map<TopicPartition, ConcurrentSkipListMap<Long, SealedSegment>> archived =
      new ConcurrentHashMap<>();
  private Broker broker;
  private Clients clients;
  private DirectoryTiering tiering;

  @BeforeEach
  void start() throws Exception {
    start(Duration.ofSeconds(20));
    clients.createTopic("t", 2, Map.of("segment.bytes", "32768"));
  }

  private void start(Duration coldReadTimeout) throws Exception {
    broker =
        Broker.start(
            TestOptions.of(dataDir).coldReadTimeout(coldReadTimeout).build(),
            partitions -> {
              DirectoryTiering made = new DirectoryTiering(coldDir, partitions, archived);
              created.set(made);
              return made;
            });
    clients = new Clients(broker.port());
    tiering = requireNonNull(created.get());
  }

  @AfterEach
  void stop() throws Exception {
    broker.close();
    assertThat(tiering.openColdLeases).as("leases of archived segments").hasValue(0);
    assertThat(tiering.openLocalLeases).as("leases of local segments").hasValue(0);
  }

  private void restart(Duration coldReadTimeout) throws Exception {
    archived = tiering.archived();
    stop();
    start(coldReadTimeout);
  }

  /** Fills some segments and frees all sealed ones. */
  private List<String> produceAndArchive(TopicPartition partition) throws Exception {
    List<String> values = Clients.values("v" + partition.partition(), COUNT);
    clients.send(partition.topic(), partition.partition(), values, Map.of("batch.size", 2048));
    archiveAll(partition);
    return values;
  }

  private void archiveAll(TopicPartition partition) {
    await()
        .atMost(Clients.LONG_ENOUGH)
        .until(() -> tiering.archiveAll(partition) == 0 && logFiles(partition) == 1);
    assertThat(tiering.archived().get(partition)).hasSizeGreaterThan(5);
  }

  private long logFiles(TopicPartition partition) throws Exception {
    try (var files = Files.list(dataDir.resolve(partition.toString()))) {
      return files.filter(file -> file.toString().contains(".log")).count();
    }
  }

  @Test
  void everySealedSegmentIsOfferedWithItsFiles() throws Exception {
    // When
    clients.send("t", 0, Clients.values("v", COUNT), Map.of("batch.size", 2048));

    // Then
    await().atMost(Clients.LONG_ENOUGH).until(() -> tiering.offered(COLD).size() > 5);
    long expectedBase = 0;
    for (SealedSegment segment : tiering.offered(COLD)) {
      assertThat(segment.baseOffset()).isEqualTo(expectedBase);
      assertThat(segment.files()).hasSizeGreaterThanOrEqualTo(3).allMatch(Files::exists);
      assertThat(Files.size(segment.files().get(0))).isEqualTo(segment.sizeBytes());
      assertThat(segment.maxTimestampMillis()).isPositive();
      expectedBase = segment.endOffset();
    }
  }

  @Test
  void aConsumerFromTheStartGetsArchivedAndLocalRecordsWithoutAGap() throws Exception {
    // Given
    List<String> values = produceAndArchive(COLD);

    // When
    List<String> read = clients.read("t", 0, 0, COUNT);

    // Then
    assertThat(read).isEqualTo(values);
    assertThat(tiering.openings.get()).isPositive();
    assertThat(tiering.localLeases.get()).isPositive();
  }

  @Test
  void archivedRecordsAreReadAfterARestart() throws Exception {
    // Given
    List<String> values = produceAndArchive(COLD);

    // When
    restart(Duration.ofSeconds(20));

    // Then
    assertThat(clients.read("t", 0, 0, COUNT)).isEqualTo(values);
    assertThat(clients.read("t", 0, 1234, 100)).isEqualTo(values.subList(1234, 1334));
  }

  @Test
  void aSlowRestoreHoldsUpOnlyItsOwnReader() throws Exception {
    // Given
    List<String> values = produceAndArchive(COLD);
    tiering.closeGate();
    try (KafkaConsumer<String, String> waiting = clients.consumer(Map.of())) {
      waiting.assign(List.of(COLD));
      waiting.seek(COLD, 0);
      assertThat(waiting.poll(Duration.ofSeconds(2)).count()).isZero();

      // When
      clients.send("t", 1, List.of("meanwhile"), Map.of());
      assertThat(clients.read("t", 1, 0, 1)).containsExactly("meanwhile");
      tiering.openGate();

      // Then
      assertThat(Clients.poll(waiting, COUNT)).hasSize(values.size());
    }
  }

  @Test
  void aFetchThatAlsoWaitsForARestoreGivesWhatOtherPartitionsHave() throws Exception {
    // Given
    produceAndArchive(COLD);
    tiering.closeGate();
    try (KafkaConsumer<String, String> consumer = clients.consumer(Map.of())) {
      consumer.assign(List.of(COLD, OTHER));
      consumer.seekToBeginning(List.of(COLD, OTHER));
      assertThat(consumer.poll(Duration.ofSeconds(1)).count()).isZero();

      // When
      clients.send("t", 1, List.of("live"), Map.of());

      // Then
      assertThat(Clients.poll(consumer, 1))
          .extracting(ConsumerRecord::value)
          .containsExactly("live");
      tiering.openGate();
      assertThat(Clients.poll(consumer, COUNT)).hasSize(COUNT);
    }
  }

  @Test
  void aFetchAnswersEmptyWhenTheRestoreTakesTooLongAndTheReaderCarriesOnLater() throws Exception {
    // Given
    List<String> values = produceAndArchive(COLD);
    restart(Duration.ofMillis(200));
    tiering.closeGate();
    try (KafkaConsumer<String, String> consumer =
        clients.consumer(Map.of("auto.offset.reset", "none"))) {
      consumer.assign(List.of(COLD));
      consumer.seek(COLD, 0);

      // When
      List<ConsumerRecord<String, String>> early = new ArrayList<>();
      await()
          .atMost(Clients.LONG_ENOUGH)
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(early::add);
                return tiering.openings.get() >= 3;
              });
      tiering.openGate();

      // Then
      assertThat(early).isEmpty();
      assertThat(Clients.poll(consumer, COUNT)).hasSize(values.size());
    }
  }

  @Test
  void anArchivedPartitionThatCannotBeReadFailsNoOther() throws Exception {
    // Given
    produceAndArchive(COLD);
    List<String> others = produceAndArchive(OTHER);
    tiering.failReadsOf(COLD);

    // When
    try (KafkaConsumer<String, String> consumer = clients.consumer(Map.of())) {
      consumer.assign(List.of(COLD, OTHER));
      consumer.seekToBeginning(List.of(COLD, OTHER));

      // Then
      assertThat(Clients.poll(consumer, COUNT)).extracting(ConsumerRecord::value).isEqualTo(others);
    }
  }

  @Test
  void aTimeIsFoundInArchivedSegments() throws Exception {
    // Given
    long start = 1_700_000_000_000L;
    produceWithTimesFrom(start);
    archiveAll(COLD);

    try (Admin admin = clients.admin()) {
      // When
      var early = offset(admin, OffsetSpec.forTimestamp(start + 77));
      var newest = offset(admin, OffsetSpec.maxTimestamp());
      var late = offset(admin, OffsetSpec.forTimestamp(start + COUNT - 1));
      var never = offset(admin, OffsetSpec.forTimestamp(start + COUNT));

      // Then
      assertThat(early).isEqualTo(77);
      assertThat(newest).isEqualTo(COUNT - 1);
      assertThat(late).isEqualTo(COUNT - 1);
      assertThat(never).isEqualTo(-1);
      assertThat(offset(admin, OffsetSpec.earliest())).isZero();
      assertThat(offset(admin, OffsetSpec.earliestLocal())).isGreaterThan(COUNT / 2);
      assertThat(offset(admin, OffsetSpec.latest())).isEqualTo(COUNT);
    }
  }

  @Test
  void theNewestRecordIsFoundWithOneRestoreWhenEverythingIsArchived() throws Exception {
    // Given: timestamps that rise through all segments, and an active segment that is empty
    long start = 1_700_000_000_000L;
    produceWithTimesFrom(start);
    try (Admin admin = clients.admin()) {
      var topic = new ConfigResource(ConfigResource.Type.TOPIC, "t");
      var sealAtOnce = new AlterConfigOp(new ConfigEntry("segment.ms", "1"), OpType.SET);
      admin.incrementalAlterConfigs(Map.of(topic, List.of(sealAtOnce))).all().get();
    }
    await()
        .atMost(Clients.LONG_ENOUGH)
        .until(() -> tiering.archiveAll(COLD) == 0 && localStart() == COUNT);
    tiering.openings.set(0);

    // When
    long newest;
    try (Admin admin = clients.admin()) {
      newest = offset(admin, OffsetSpec.maxTimestamp());
    }

    // Then
    assertThat(newest).isEqualTo(COUNT - 1);
    assertThat(tiering.openings).hasValue(1);
  }

  @Test
  void aTimeIsFoundInASegmentThatIsFreedWhileTheArchiveIsSearched() throws Exception {
    // Given
    long start = 1_700_000_000_000L;
    produceWithTimesFrom(start);
    await().atMost(Clients.LONG_ENOUGH).until(() -> tiering.offered(COLD).size() > 5);
    tiering.freeAfterListing(COLD);

    // When
    long found;
    try (Admin admin = clients.admin()) {
      found = offset(admin, OffsetSpec.forTimestamp(start + 7));
    }

    // Then
    assertThat(found).isEqualTo(7);
    assertThat(localStart()).as("the segment was freed meanwhile").isPositive();
  }

  private void produceWithTimesFrom(long startMillis) {
    try (KafkaProducer<String, String> producer = clients.producer(Map.of("batch.size", 2048))) {
      for (int i = 0; i < COUNT; i++) {
        var unused =
            producer.send(new ProducerRecord<>("t", 0, startMillis + i, null, "v".repeat(100)));
      }
    }
  }

  private long localStart() throws Exception {
    try (Admin admin = clients.admin()) {
      return offset(admin, OffsetSpec.earliestLocal());
    }
  }

  private static long offset(Admin admin, OffsetSpec spec) throws Exception {
    return Clients.of(admin.listOffsets(Map.of(COLD, spec)).all().get(), COLD).offset();
  }

  @Test
  void deletingRecordsTellsTheArchiveAndSurvivesARestart() throws Exception {
    // Given
    List<String> values = produceAndArchive(COLD);

    // When
    try (Admin admin = clients.admin()) {
      admin.deleteRecords(Map.of(COLD, RecordsToDelete.beforeOffset(700))).all().get();
    }

    // Then
    assertThat(tiering.logStarts).containsEntry(COLD, 700L);
    restart(Duration.ofSeconds(20));
    try (Admin admin = clients.admin()) {
      assertThat(offset(admin, OffsetSpec.earliest())).isEqualTo(700);
    }
    assertThat(clients.read("t", 0, 700, 100)).isEqualTo(values.subList(700, 800));
  }

  @Test
  void deletingATopicTellsTheArchive() throws Exception {
    // Given
    produceAndArchive(COLD);

    // When
    try (Admin admin = clients.admin()) {
      admin.deleteTopics(List.of("t")).all().get();
    }

    // Then
    assertThat(tiering.deletedTopics).containsExactly("t");
  }

  @Test
  void aSegmentIsSealedByTimeWithoutFurtherAppends() throws Exception {
    // Given
    clients.createTopic("timed", 1, Map.of("segment.ms", "500"));

    // When
    clients.send("timed", List.of("alone"));

    // Then
    TopicPartition timed = new TopicPartition("timed", 0);
    await().atMost(Clients.LONG_ENOUGH).until(() -> tiering.offered(timed).size() == 1);
    assertThat(tiering.offered(timed).get(0).endOffset()).isEqualTo(1);
  }

  @Test
  void onlyTheOldestLocalSegmentIsFreed() throws Exception {
    // Given
    clients.send("t", 0, Clients.values("v", COUNT), Map.of("batch.size", 2048));
    await().atMost(Clients.LONG_ENOUGH).until(() -> tiering.offered(COLD).size() > 5);
    SealedSegment second = tiering.offered(COLD).get(1);
    tiering.copy(second);

    // When
    boolean freed = tiering.free(second);

    // Then
    assertThat(freed).isFalse();
    assertThat(second.files()).allMatch(Files::exists);
  }

  @Test
  void aSegmentCutByDeletedRecordsIsStillFreed() throws Exception {
    // Given
    List<String> values = Clients.values("v", COUNT);
    clients.send("t", 0, values, Map.of("batch.size", 2048));
    await().atMost(Clients.LONG_ENOUGH).until(() -> tiering.offered(COLD).size() > 5);
    SealedSegment first = tiering.offered(COLD).get(0);
    long inside = first.baseOffset() + 20;

    // When
    try (Admin admin = clients.admin()) {
      admin.deleteRecords(Map.of(COLD, RecordsToDelete.beforeOffset(inside))).all().get();
    }
    archiveAll(COLD);

    // Then
    assertThat(first.files()).noneMatch(Files::exists);
    assertThat(clients.read("t", 0, inside, COUNT - 20)).isEqualTo(values.subList(20, COUNT));
  }

  @Test
  void readersMissNothingWhileSegmentsAreArchivedUnderThem() throws Exception {
    // Given
    List<String> values = Clients.values("v", 4 * COUNT);
    CompletableFuture<List<String>> reading =
        CompletableFuture.supplyAsync(() -> clients.read("t", 0, 0, values.size()));

    // When
    for (int i = 0; i < 4; i++) {
      clients.send("t", 0, values.subList(i * COUNT, (i + 1) * COUNT), Map.of("batch.size", 2048));
      // Segments are offered in the background, and one that is being sent is not freed.
      await().atMost(Clients.LONG_ENOUGH).until(() -> tiering.archiveAll(COLD) > 0);
    }

    // Then
    assertThat(reading.get(3, TimeUnit.MINUTES)).isEqualTo(values);
    assertThat(tiering.archived().get(COLD)).isNotEmpty();
  }

  @Test
  void archivedRecordsAreNeitherSkippedNorLostWhenTieringIsSwitchedOff() throws Exception {
    // Given
    List<String> values = produceAndArchive(COLD);
    archived = tiering.archived();
    stop();

    // When
    try (Broker local = Broker.start(TestOptions.of(dataDir).build());
        KafkaConsumer<String, String> consumer =
            new Clients(local.port()).consumer(Map.of("auto.offset.reset", "none"))) {
      consumer.assign(List.of(COLD));
      consumer.seek(COLD, 0);

      // Then
      assertThat(consumer.poll(Duration.ofSeconds(1)).count()).isZero();
    }
    start(Duration.ofSeconds(20));
    assertThat(clients.read("t", 0, 0, COUNT)).isEqualTo(values);
  }
}
