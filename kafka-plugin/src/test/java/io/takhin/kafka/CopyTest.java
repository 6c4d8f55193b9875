package io.takhin.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.takhin.kafka.layout.RemoteManifest;
import io.takhin.kafka.layout.SegmentLayout;
import io.takhin.testkit.Fault;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata.CustomMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteStorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a copy leaves in the bucket, when it succeeds and when it does not. */
class CopyTest {
  private static final int LOG_BYTES = 3_000_000;

  @TempDir Path directory;

  @Test
  void aSegmentIsThreeObjectsThatDescribeEachOther() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, -1);
    try (Broker broker = Broker.start(directory)) {
      byte[] custom =
          broker.manager.copyLogSegmentData(segment.metadata, segment.data()).orElseThrow().value();

      assertThat(custom).hasSizeLessThanOrEqualTo(128);
      SegmentLayout layout = SegmentLayout.parse(custom);
      assertThat(layout.prefix()).isEqualTo("kafka");
      assertThat(layout.indexes().logBytes()).isEqualTo(LOG_BYTES);
      assertThat(layout.indexes().logChecksum()).isEqualTo(Crc32c.of(ByteBuffer.wrap(segment.log)));
      String stem =
          "kafka/my-topic-"
              + segment.metadata.topicIdPartition().topicId()
              + "/3/00000000000000001000-"
              + segment.metadata.remoteLogSegmentId().id();
      assertThat(broker.keys())
          .containsExactlyInAnyOrder(stem + ".log", stem + ".indexes", stem + ".manifest.json");
      assertThat(read(broker, stem + ".log")).isEqualTo(segment.log);
      byte[] indexes = read(broker, stem + ".indexes");
      assertThat(indexes).hasSize(layout.indexes().totalBytes());
      assertThat(Crc32c.of(ByteBuffer.wrap(indexes))).isEqualTo(layout.indexesChecksum());
      RemoteManifest manifest = RemoteManifest.parse(read(broker, stem + ".manifest.json"));
      assertThat(manifest.id().stem("kafka").toString()).isEqualTo(stem);
      assertThat(manifest.facts().endOffset()).isEqualTo(2000);
      assertThat(manifest.logChecksum()).isEqualTo(layout.indexes().logChecksum());
      assertThat(manifest.indexesChecksum()).isEqualTo(layout.indexesChecksum());
    }
  }

  @Test
  void copyingAgainOverwrites() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 10);
    try (Broker broker = Broker.start(directory)) {
      Optional<CustomMetadata> first =
          broker.manager.copyLogSegmentData(segment.metadata, segment.data());

      Optional<CustomMetadata> second =
          broker.manager.copyLogSegmentData(segment.metadata, segment.data());

      assertThat(second).isEqualTo(first);
      assertThat(broker.keys()).hasSize(3);
    }
  }

  @Test
  void aStoreThatLiesIsFoundOutAndNothingStays() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, -1);
    try (Broker broker = Broker.start(directory)) {
      Fault lie =
          broker.store.on(StoreOperation.PUT).keys(key -> key.endsWith(".indexes")).times(1).lie();

      assertThatThrownBy(() -> broker.manager.copyLogSegmentData(segment.metadata, segment.data()))
          .isInstanceOf(RemoteStorageException.class)
          .hasMessageContaining("object missing");

      assertThat(lie.fired()).isEqualTo(1);
      assertThat(broker.keys()).isEmpty();
    }
  }

  @Test
  void whereverItFailsNothingStaysAndTheNextOneSucceeds() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 10);
    try (Broker broker = Broker.start(directory)) {
      for (String ending : List.of(".log", ".indexes", ".manifest.json")) {
        Fault fault =
            broker
                .store
                .on(StoreOperation.PUT)
                .keys(key -> key.endsWith(ending))
                .times(1)
                .failBefore(message -> new StoreException.Unavailable(message, null));

        assertThatThrownBy(
                () -> broker.manager.copyLogSegmentData(segment.metadata, segment.data()))
            .isInstanceOf(RemoteStorageException.class)
            .hasMessageContaining("injected fault");

        assertThat(fault.fired()).isEqualTo(1);
        assertThat(broker.keys()).as("when the broker is told that %s failed", ending).isEmpty();
      }
      assertThat(broker.manager.copyLogSegmentData(segment.metadata, segment.data())).isPresent();
      assertThat(broker.keys()).hasSize(3);
    }
  }

  /** Brokers that knew only of exceptions would end the tiering of the partition in silence. */
  @Test
  void anErrorIsAFailureLikeOthersAndTheNextCopySucceeds() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 10);
    try (Broker broker = Broker.start(directory)) {
      for (String ending : List.of(".log", ".indexes", ".manifest.json")) {
        Fault fault =
            broker
                .store
                .on(StoreOperation.PUT)
                .keys(key -> key.endsWith(ending))
                .times(1)
                .failBefore(
                    message -> {
                      throw new OutOfMemoryError(message);
                    });

        assertThatThrownBy(
                () -> broker.manager.copyLogSegmentData(segment.metadata, segment.data()))
            .isInstanceOf(RemoteStorageException.class)
            .hasMessageContaining("OutOfMemoryError");

        assertThat(fault.fired()).isEqualTo(1);
        assertThat(broker.keys()).as("when the broker is told that %s failed", ending).isEmpty();
      }
      assertThat(broker.manager.copyLogSegmentData(segment.metadata, segment.data())).isPresent();
    }
  }

  @Test
  void aLogInPartsLeavesNoneWhenOneOfThemFails() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), 12 << 20, -1);
    try (Broker broker = Broker.start(directory, Map.of("transfer.part.size.bytes", "5242880"))) {
      Fault fault =
          broker
              .store
              .on(StoreOperation.PUT_PART)
              .skip(1)
              .times(1)
              .failBefore(message -> new StoreException.Unavailable(message, null));

      assertThatThrownBy(() -> broker.manager.copyLogSegmentData(segment.metadata, segment.data()))
          .isInstanceOf(RemoteStorageException.class)
          .hasMessageContaining("injected fault");

      assertThat(fault.fired()).isEqualTo(1);
      assertThat(broker.keys()).isEmpty();
      assertThat(broker.store.pendingUploads("")).isEmpty();
    }
  }

  @Test
  void whatAFailedCopyLeftDoesNotWaitForOtherDeletes() throws Exception {
    SegmentOnDisk doomed = new SegmentOnDisk(directory.resolve("doomed"), 100_000, -1);
    SegmentOnDisk failing = new SegmentOnDisk(directory.resolve("failing"), LOG_BYTES, -1);
    try (Broker broker = Broker.start(directory)) {
      Optional<CustomMetadata> copied =
          broker.manager.copyLogSegmentData(doomed.metadata, doomed.data());
      String id = doomed.metadata.remoteLogSegmentId().id().toString();
      Fault stuck = broker.store.on(StoreOperation.DELETE).keys(key -> key.contains(id)).hang();
      broker.manager.deleteLogSegmentData(doomed.copied(copied));
      await().untilAsserted(() -> assertThat(stuck.fired()).isPositive());
      Fault fault =
          broker
              .store
              .on(StoreOperation.PUT)
              .keys(key -> key.endsWith(".indexes"))
              .failBefore(message -> new StoreException.Unavailable(message, null));

      copyThatFails(broker, failing);

      assertThat(fault.fired()).isEqualTo(1);
      assertThat(broker.keys()).hasSize(3).allMatch(key -> key.contains(id));
      stuck.release();
      await().untilAsserted(() -> assertThat(broker.keys()).isEmpty());
    }
  }

  @Test
  void whileTheStoreIsDownAFailureIsToldAllTheSameAndCleanedUpLater() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, -1);
    try (Broker broker = Broker.start(directory)) {
      Fault deletes =
          broker
              .store
              .on(StoreOperation.DELETE)
              .failBefore(message -> new StoreException.Unavailable(message, null));
      Fault puts =
          broker
              .store
              .on(StoreOperation.PUT)
              .skip(1)
              .times(1)
              .failBefore(message -> new StoreException.Unavailable(message, null));

      copyThatFails(broker, segment);

      assertThat(puts.fired()).isEqualTo(1);
      assertThat(deletes.fired()).isPositive();
      assertThat(broker.keys()).hasSize(1);
      deletes.release();
      await().untilAsserted(() -> assertThat(broker.keys()).isEmpty());
    }
  }

  @Test
  void theManifestWaitsForTheLogToBeProvedAndTheIndexesDoNot() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 10);
    try (Broker broker = Broker.start(directory)) {
      Fault proof =
          broker.store.on(StoreOperation.HEAD).keys(key -> key.endsWith(".log")).times(1).hang();
      CompletableFuture<Void> copy =
          CompletableFuture.runAsync(
              () -> copyAndCompare(broker, segment), task -> new Thread(task).start());

      await().during(Duration.ofMillis(200)).until(() -> broker.keys().size() == 2);
      await().untilAsserted(() -> assertThat(proof.fired()).isEqualTo(1));
      assertThat(broker.keys()).noneMatch(key -> key.endsWith(".json"));
      proof.release();

      copy.join();
      assertThat(broker.keys()).hasSize(3);
    }
  }

  @Test
  void anUnknownOutcomeIsLookedUp() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 10);
    try (Broker broker = Broker.start(directory)) {
      Fault fault =
          broker
              .store
              .on(StoreOperation.PUT)
              .failAfter(message -> new StoreException.Unavailable(message, null));

      assertThat(broker.manager.copyLogSegmentData(segment.metadata, segment.data())).isPresent();

      assertThat(fault.fired()).isEqualTo(3);
      assertThat(broker.keys()).hasSize(3);
    }
  }

  @Test
  void aCopyThatTakesTooLongIsGivenUp() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 10);
    try (Broker broker = Broker.start(directory, Map.of("copy.timeout.ms", "5000"))) {
      Fault hang = broker.store.on(StoreOperation.PUT).times(1).hang();
      long began = System.nanoTime();

      assertThatThrownBy(() -> broker.manager.copyLogSegmentData(segment.metadata, segment.data()))
          .isInstanceOf(RemoteStorageException.class)
          .hasMessageContaining("copy given up after its time")
          .hasMessageContaining("limit=PT5S");

      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
      assertThat(hang.fired()).isEqualTo(1);
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      assertThat(broker.keys()).isEmpty();
    }
  }

  @Test
  void whatAProcessLeftIsRemovedByTheNext() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 10);
    Broker broker = Broker.start(directory);
    Fault manifest = broker.store.on(StoreOperation.PUT).keys(key -> key.endsWith(".json")).hang();
    CompletableFuture<Void> copy =
        CompletableFuture.runAsync(
            () -> copyThatFails(broker, segment), task -> new Thread(task).start());
    await().untilAsserted(() -> assertThat(manifest.fired()).isEqualTo(1));
    assertThat(broker.keys()).hasSize(2);
    broker.close();
    copy.join();

    try (Broker next = Broker.start(directory)) {
      await().untilAsserted(() -> assertThat(next.keys()).isEmpty());
    }
  }

  private static void copyThatFails(Broker broker, SegmentOnDisk segment) {
    assertThatThrownBy(() -> broker.manager.copyLogSegmentData(segment.metadata, segment.data()))
        .isInstanceOf(RemoteStorageException.class);
  }

  @Test
  void aFileThatIsMissingIsAFailureLikeOthers() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 10);
    Files.delete(segment.file("timeindex"));
    try (Broker broker = Broker.start(directory)) {
      assertThatThrownBy(() -> broker.manager.copyLogSegmentData(segment.metadata, segment.data()))
          .isInstanceOf(RemoteStorageException.class)
          .hasMessageContaining("timeindex");

      assertThat(broker.keys()).isEmpty();
    }
  }

  @Test
  void manyAtATimeDoNotDisturbEachOther() throws Exception {
    List<SegmentOnDisk> segments = new ArrayList<>();
    for (int number = 0; number < 20; number++) {
      segments.add(
          new SegmentOnDisk(directory.resolve("log-" + number), LOG_BYTES + number, number % 2));
    }
    try (Broker broker = Broker.start(directory, Map.of("copy.index.memory.bytes", "1048576"))) {
      List<CompletableFuture<Void>> copies = new ArrayList<>();
      for (SegmentOnDisk segment : segments) {
        copies.add(
            CompletableFuture.runAsync(
                () -> copyAndCompare(broker, segment), task -> new Thread(task).start()));
      }
      await().atMost(Duration.ofMinutes(1)).until(() -> copies.stream().allMatch(c -> c.isDone()));
      copies.forEach(CompletableFuture::join);
      assertThat(broker.keys()).hasSize(60);
    }
  }

  private static void copyAndCompare(Broker broker, SegmentOnDisk segment) {
    try {
      byte[] custom =
          broker.manager.copyLogSegmentData(segment.metadata, segment.data()).orElseThrow().value();
      assertThat(SegmentLayout.parse(custom).indexes().logChecksum())
          .isEqualTo(Crc32c.of(ByteBuffer.wrap(segment.log)));
    } catch (RemoteStorageException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] read(Broker broker, String key) throws Exception {
    ObjectKey object = new ObjectKey(key);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long size = broker.store.head(object).orElseThrow().sizeBytes();
    broker.store.read(object, 0, size, null, Channels.newChannel(bytes));
    return bytes.toByteArray();
  }
}
