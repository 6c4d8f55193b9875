package io.takhin.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.takhin.kafka.form.KeyFiles;
import io.takhin.kafka.layout.LogForm;
import io.takhin.kafka.layout.RemoteManifest;
import io.takhin.kafka.layout.SegmentLayout;
import io.takhin.testkit.Fault;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteStorageException;
import org.apache.kafka.server.log.remote.storage.RemoteStorageManager.IndexType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Segments that are compressed and encrypted, from copy to fetch. */
class StoredFormsTest {
  private static final int LOG_BYTES = 3_000_000;
  private static final Map<String, String> ZSTD = Map.of("compression.type", "zstd");

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"false, ''", "true, ''", "false, aes", "true, aes", "true, rsa"})
  void everythingComesBack(boolean isCompressed, String key) throws Exception {
    SegmentOnDisk segment = text(new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 77));
    try (Broker broker = Broker.start(directory, settings(isCompressed, key))) {
      RemoteLogSegmentMetadata copied = copy(broker, segment);

      byte[] custom = copied.customMetadata().orElseThrow().value();
      assertThat(custom).hasSizeLessThanOrEqualTo(128);
      SegmentLayout layout = SegmentLayout.parse(custom);
      LogForm form = new LogForm(LOG_BYTES, isCompressed, !key.isEmpty());
      assertThat(layout.indexes().form()).isEqualTo(form);
      byte[] stored = read(broker, ".log");
      assertThat(stored).hasSize((int) layout.indexes().logBytes());
      if (isCompressed) {
        assertThat(stored.length).isLessThan(LOG_BYTES / 2);
      }
      assertThat(new String(stored, StandardCharsets.ISO_8859_1).contains("{\"user\""))
          .isEqualTo(form.isPlain());
      assertThat(read(broker, ".indexes")).hasSize(layout.indexes().totalBytes());
      RemoteManifest manifest = RemoteManifest.parse(read(broker, ".manifest.json"));
      assertThat(manifest.form()).isEqualTo(form);
      assertThat(copiedBytes(broker, "plain")).isEqualTo(LOG_BYTES);
      assertThat(copiedBytes(broker, "stored")).isEqualTo(stored.length);

      Fault reads = broker.store.on(StoreOperation.GET).delay(Duration.ZERO);
      assertIndexes(broker, copied, segment);
      assertThat(reads.fired()).as("requests for all indexes").isEqualTo(1);
      assertThat(all(broker.manager.fetchLogSegment(copied, 0))).isEqualTo(segment.log);
      Random random = new Random(3);
      for (int round = 0; round < 20; round++) {
        int start = random.nextInt(LOG_BYTES);
        int end = start + random.nextInt(LOG_BYTES - start);
        assertThat(all(broker.manager.fetchLogSegment(copied, start, end)))
            .isEqualTo(Arrays.copyOfRange(segment.log, start, end + 1));
      }
      assertThat(all(broker.manager.fetchLogSegment(copied, LOG_BYTES))).isEmpty();
    }
  }

  private static double copiedBytes(Broker broker, String form) {
    return broker.meters.get("takhin_kafka_copied_log_bytes").tag("form", form).counter().count();
  }

  @Test
  void aFirstFetchIsOneRequestForTheDataAndOneForTheRest() throws Exception {
    SegmentOnDisk segment = text(new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, -1));
    try (Broker broker = Broker.start(directory, settings(true, "aes"))) {
      RemoteLogSegmentMetadata copied = copy(broker, segment);
      Fault reads = broker.store.on(StoreOperation.GET).delay(Duration.ZERO);

      try (InputStream stream = broker.manager.fetchLogSegment(copied, 0)) {
        assertThat(stream.readNBytes(1_113_716)).isEqualTo(Arrays.copyOf(segment.log, 1_113_716));
      }

      assertThat(reads.fired()).isEqualTo(2);
    }
  }

  @Test
  void whatDoesNotShrinkIsStoredAsItWas() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, -1);
    try (Broker broker = Broker.start(directory, ZSTD)) {
      RemoteLogSegmentMetadata copied = copy(broker, segment);

      assertThat(read(broker, ".log")).isEqualTo(segment.log);
      assertThat(layout(copied).indexes().form()).isEqualTo(LogForm.plain(LOG_BYTES));
      assertThat(all(broker.manager.fetchLogSegment(copied, 0))).isEqualTo(segment.log);
    }
  }

  @Test
  void emptyAndLargeLogsAreStoredToo() throws Exception {
    SegmentOnDisk empty = new SegmentOnDisk(directory.resolve("empty"), 0, -1);
    SegmentOnDisk large = new SegmentOnDisk(directory.resolve("large"), 24 << 20, -1);
    try (Broker broker =
        Broker.start(
            directory,
            with(settings(true, "aes"), Map.of("transfer.part.size.bytes", "5242880")))) {
      RemoteLogSegmentMetadata emptyCopy = copy(broker, empty);
      RemoteLogSegmentMetadata largeCopy = copy(broker, large);

      assertThat(layout(emptyCopy).indexes().logBytes()).isZero();
      assertThat(all(broker.manager.fetchLogSegment(largeCopy, 20 << 20)))
          .as("sent in several parts")
          .isEqualTo(Arrays.copyOfRange(large.log, 20 << 20, 24 << 20));
    }
  }

  @Test
  void keysAreRotatedAndOldSegmentsStayReadable() throws Exception {
    Path first = KeyFiles.aes(directory.resolve("first"), 1);
    Path second = KeyFiles.rsa(directory.resolve("second"));
    Uuid topic = Uuid.randomUuid();
    List<SegmentOnDisk> segments = new ArrayList<>();
    List<RemoteLogSegmentMetadata> copies = new ArrayList<>();
    List<Map<String, String>> times =
        List.of(
            Map.of(),
            ZSTD,
            Map.of("encryption.keys", "k1=" + first, "encryption.key.id", "k1"),
            Map.of("encryption.keys", "k1=" + first + ", k2=" + second, "encryption.key.id", "k2"));
    for (Map<String, String> settings : times) {
      int number = segments.size();
      SegmentOnDisk segment =
          text(
              new SegmentOnDisk(
                  directory.resolve("log-" + number), 400_000, -1, topic, 1000L * number));
      segments.add(segment);
      try (Broker broker = Broker.start(directory, settings)) {
        copies.add(copy(broker, segment));
        for (int old = 0; old <= number; old++) {
          assertThat(all(broker.manager.fetchLogSegment(copies.get(old), 0)))
              .as("segment %s at time %s", old, number)
              .isEqualTo(segments.get(old).log);
        }
      }
    }
    Map<String, String> without =
        Map.of("encryption.keys", "k2=" + second, "encryption.key.id", "k2");
    try (Broker broker = Broker.start(directory, without)) {
      assertThatThrownBy(() -> broker.manager.fetchLogSegment(copies.get(2), 0))
          .isInstanceOf(RemoteStorageException.class)
          .hasMessageContaining("encryption.keys")
          .hasMessageContaining("key_id=k1 configured=[k2]");
      assertThatThrownBy(() -> broker.manager.fetchIndex(copies.get(2), IndexType.OFFSET))
          .isInstanceOf(RemoteStorageException.class)
          .hasMessageContaining("key_id=k1");
      assertThat(all(broker.manager.fetchLogSegment(copies.get(3), 0)))
          .isEqualTo(segments.get(3).log);
    }
  }

  @Test
  void anotherKeyOfTheSameIdGivesAnErrorAndNoBytes() throws Exception {
    SegmentOnDisk segment = text(new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, -1));
    RemoteLogSegmentMetadata copied;
    try (Broker broker = Broker.start(directory, settings(true, "aes"))) {
      copied = copy(broker, segment);
    }
    Path other = KeyFiles.aes(directory.resolve("other"), 99);
    try (Broker broker =
        Broker.start(
            directory, Map.of("encryption.keys", "k1=" + other, "encryption.key.id", "k1"))) {
      assertThatThrownBy(() -> broker.manager.fetchLogSegment(copied, 0))
          .isInstanceOf(RemoteStorageException.class)
          .hasMessageContaining("is not the one that the segment was encrypted with")
          .hasMessageContaining("key_id=k1");
    }
  }

  @Test
  void damageInTheStoreIsNeverServed() throws Exception {
    SegmentOnDisk segment = text(new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, -1));
    try (Broker broker = Broker.start(directory, settings(true, "aes"))) {
      RemoteLogSegmentMetadata copied = copy(broker, segment);
      byte[] damaged = read(broker, ".log");
      damaged[damaged.length / 2] ^= 1;
      ByteBuffer body = ByteBuffer.wrap(damaged);
      Object unused =
          broker.store.put(key(broker, ".log"), body, Crc32c.of(body), PutOptions.BINARY);

      assertThatThrownBy(() -> all(broker.manager.fetchLogSegment(copied, 0)))
          .hasStackTraceContaining("damaged chunk");
    }
  }

  @Test
  void whereverACopyFailsNothingStaysAndTheNextOneSucceeds() throws Exception {
    try (Broker broker = Broker.start(directory, settings(true, "aes"))) {
      for (String ending : List.of(".log", ".indexes", ".manifest.json")) {
        SegmentOnDisk attempt = text(new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 10));
        Fault fault =
            broker
                .store
                .on(StoreOperation.PUT)
                .keys(key -> key.endsWith(ending))
                .times(1)
                .failBefore(message -> new StoreException.Unavailable(message, null));

        assertThatThrownBy(() -> copy(broker, attempt))
            .isInstanceOf(RemoteStorageException.class)
            .hasMessageContaining("injected fault");

        assertThat(fault.fired()).isEqualTo(1);
        await().untilAsserted(() -> assertThat(broker.keys()).as(ending).isEmpty());
        assertThat(copiedBytes(broker, "stored")).isZero();
      }
      SegmentOnDisk segment = text(new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 10));
      Fault late =
          broker
              .store
              .on(StoreOperation.PUT)
              .failAfter(message -> new StoreException.Unavailable(message, null));

      RemoteLogSegmentMetadata copied = copy(broker, segment);

      assertThat(late.fired()).as("outcomes that were not known").isEqualTo(3);
      assertThat(all(broker.manager.fetchLogSegment(copied, 0))).isEqualTo(segment.log);
    }
  }

  @Test
  void aCopyThatHangsIsGivenUp() throws Exception {
    SegmentOnDisk segment = text(new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 10));
    try (Broker broker =
        Broker.start(directory, with(settings(true, "aes"), Map.of("copy.timeout.ms", "5000")))) {
      Fault hang = broker.store.on(StoreOperation.PUT).times(1).hang();

      assertThatThrownBy(() -> copy(broker, segment))
          .isInstanceOf(RemoteStorageException.class)
          .hasMessageContaining("copy given up after its time");

      assertThat(hang.fired()).isEqualTo(1);
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      await().untilAsserted(() -> assertThat(broker.keys()).isEmpty());
    }
  }

  @Test
  void moreAtATimeThanMemoryAllowsWaitForEachOther() throws Exception {
    Map<String, String> narrow =
        with(
            settings(true, "aes"),
            Map.of("transfer.parallelism", "2", "transfer.part.size.bytes", "5242880"));
    try (Broker broker = Broker.start(directory, narrow)) {
      List<CompletableFuture<Void>> copies = new ArrayList<>();
      for (int number = 0; number < 12; number++) {
        SegmentOnDisk segment =
            new SegmentOnDisk(directory.resolve("log-" + number), LOG_BYTES + number, -1);
        copies.add(
            CompletableFuture.runAsync(
                () -> copyAndCompare(broker, segment), task -> new Thread(task).start()));
      }
      await().atMost(Duration.ofMinutes(1)).until(() -> copies.stream().allMatch(c -> c.isDone()));
      copies.forEach(CompletableFuture::join);
      assertThat(broker.keys()).hasSize(36);
    }
  }

  @Test
  void keyFilesThatAreNoneKeepTheBrokerFromStarting() {
    assertThatThrownBy(
            () ->
                Broker.start(
                    directory,
                    Map.of(
                        "encryption.keys", "k1=" + directory.resolve("absent"),
                        "encryption.key.id", "k1",
                        "compression.level", "20")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("problems found: 2")
        .hasMessageContaining("key_id=k1 file=" + directory.resolve("absent"))
        .hasMessageContaining("compression.level");
    assertThatThrownBy(() -> Broker.start(directory, Map.of("encryption.keys", "a=b, a=c")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("expected id=file, separated by commas");
    assertThatThrownBy(() -> Broker.start(directory, Map.of("encryption.key.id", "k1")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("expected one of [], got k1");
  }

  private static void copyAndCompare(Broker broker, SegmentOnDisk segment) {
    try {
      RemoteLogSegmentMetadata copied = copy(broker, segment);
      assertThat(all(broker.manager.fetchLogSegment(copied, 0))).isEqualTo(segment.log);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void assertIndexes(
      Broker broker, RemoteLogSegmentMetadata copied, SegmentOnDisk segment) throws Exception {
    assertThat(index(broker, copied, IndexType.OFFSET)).isEqualTo(segment.offsetIndex);
    assertThat(index(broker, copied, IndexType.TIMESTAMP)).isEqualTo(segment.timeIndex);
    assertThat(index(broker, copied, IndexType.TRANSACTION)).isEqualTo(segment.transactionIndex);
    assertThat(index(broker, copied, IndexType.PRODUCER_SNAPSHOT)).isEqualTo(segment.snapshot);
    assertThat(index(broker, copied, IndexType.LEADER_EPOCH)).isEqualTo(segment.epochs());
  }

  /** Makes its log one that shrinks. */
  private static SegmentOnDisk text(SegmentOnDisk segment) throws IOException {
    Random random = new Random(segment.log.length);
    StringBuilder text = new StringBuilder();
    while (text.length() < segment.log.length) {
      text.append("{\"user\":").append(random.nextInt(10_000)).append(",\"action\":\"bought\"}\n");
    }
    System.arraycopy(
        text.toString().getBytes(StandardCharsets.UTF_8), 0, segment.log, 0, segment.log.length);
    Files.write(segment.file("log"), segment.log);
    return segment;
  }

  private Map<String, String> settings(boolean isCompressed, String key) throws IOException {
    Map<String, String> settings = new HashMap<>(isCompressed ? ZSTD : Map.of());
    if (!key.isEmpty()) {
      Path file = directory.resolve("master");
      Path written = key.equals("rsa") ? KeyFiles.rsa(file) : KeyFiles.aes(file, 1);
      settings.put("encryption.keys", "k1=" + written);
      settings.put("encryption.key.id", "k1");
    }
    return settings;
  }

  private static Map<String, String> with(Map<String, String> settings, Map<String, String> more) {
    Map<String, String> all = new HashMap<>(settings);
    all.putAll(more);
    return all;
  }

  private static SegmentLayout layout(RemoteLogSegmentMetadata copied) {
    return SegmentLayout.parse(copied.customMetadata().orElseThrow().value());
  }

  private static ObjectKey key(Broker broker, String ending) throws StoreException {
    return broker.keys().stream()
        .filter(key -> key.endsWith(ending))
        .map(ObjectKey::new)
        .findAny()
        .orElseThrow();
  }

  private static byte[] read(Broker broker, String ending) throws Exception {
    ObjectKey object = key(broker, ending);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long size = broker.store.head(object).orElseThrow().sizeBytes();
    broker.store.read(object, 0, size, null, Channels.newChannel(bytes));
    return bytes.toByteArray();
  }

  private static byte[] index(Broker broker, RemoteLogSegmentMetadata segment, IndexType type)
      throws Exception {
    return all(broker.manager.fetchIndex(segment, type));
  }

  private static byte[] all(InputStream stream) throws IOException {
    try (stream) {
      return stream.readAllBytes();
    }
  }

  private static RemoteLogSegmentMetadata copy(Broker broker, SegmentOnDisk segment)
      throws RemoteStorageException {
    return segment.copied(broker.manager.copyLogSegmentData(segment.metadata, segment.data()));
  }
}
