package io.takhin.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.takhin.testkit.Fault;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreOperation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata.CustomMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteResourceNotFoundException;
import org.apache.kafka.server.log.remote.storage.RemoteStorageException;
import org.apache.kafka.server.log.remote.storage.RemoteStorageManager.IndexType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a broker gets of remote segments, and what it is told when it gets nothing. */
class FetchTest {
  private static final int LOG_BYTES = 5_000_000;

  @TempDir Path directory;

  @Test
  void everyByteComesBackFromAnyPosition() throws Exception {
    try (Broker broker = Broker.start(directory)) {
      SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 77);
      RemoteLogSegmentMetadata copied = copy(broker, segment);
      Random random = new Random(3);

      assertThat(all(broker.manager.fetchLogSegment(copied, 0))).isEqualTo(segment.log);
      for (int round = 0; round < 30; round++) {
        int start = random.nextInt(LOG_BYTES);
        int end = start + random.nextInt(LOG_BYTES - start);
        assertThat(all(broker.manager.fetchLogSegment(copied, start, end)))
            .isEqualTo(Arrays.copyOfRange(segment.log, start, end + 1));
      }
      assertThat(all(broker.manager.fetchLogSegment(copied, LOG_BYTES))).isEmpty();
      assertThat(all(broker.manager.fetchLogSegment(copied, LOG_BYTES - 1, Integer.MAX_VALUE)))
          .hasSize(1);
    }
  }

  @Test
  void everyIndexComesBackWithOneRequestForAll() throws Exception {
    try (Broker broker = Broker.start(directory)) {
      SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 77);
      RemoteLogSegmentMetadata copied = copy(broker, segment);
      Fault reads = broker.store.on(StoreOperation.GET).delay(Duration.ZERO);

      assertThat(index(broker, copied, IndexType.OFFSET)).isEqualTo(segment.offsetIndex);
      assertThat(index(broker, copied, IndexType.TIMESTAMP)).isEqualTo(segment.timeIndex);
      assertThat(index(broker, copied, IndexType.TRANSACTION)).isEqualTo(segment.transactionIndex);
      assertThat(index(broker, copied, IndexType.PRODUCER_SNAPSHOT)).isEqualTo(segment.snapshot);
      assertThat(index(broker, copied, IndexType.LEADER_EPOCH)).isEqualTo(segment.epochs());

      assertThat(reads.fired()).isEqualTo(1);
    }
  }

  @Test
  void aFirstFetchIsOneRequestForTheDataAndOneForItsProof() throws Exception {
    try (Broker broker = Broker.start(directory)) {
      SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, -1);
      RemoteLogSegmentMetadata copied = copy(broker, segment);
      Fault reads = broker.store.on(StoreOperation.GET).delay(Duration.ZERO);

      try (InputStream stream = broker.manager.fetchLogSegment(copied, 0)) {
        assertThat(stream.readNBytes(1_113_716)).isEqualTo(Arrays.copyOf(segment.log, 1_113_716));
      }

      assertThat(reads.fired()).isEqualTo(2);
    }
  }

  /** What a broker asks for when a consumer comes to a segment, one after the other. */
  @Test
  void theFirstTouchOfASegmentIsTwoRequestsWithAllIndexes() throws Exception {
    try (Broker broker = Broker.start(directory)) {
      SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 77);
      RemoteLogSegmentMetadata copied = copy(broker, segment);
      Fault reads = broker.store.on(StoreOperation.GET).delay(Duration.ZERO);

      assertThat(index(broker, copied, IndexType.OFFSET)).isEqualTo(segment.offsetIndex);
      assertThat(index(broker, copied, IndexType.TIMESTAMP)).isEqualTo(segment.timeIndex);
      assertThat(index(broker, copied, IndexType.TRANSACTION)).isEqualTo(segment.transactionIndex);
      try (InputStream stream = broker.manager.fetchLogSegment(copied, 0)) {
        assertThat(stream.readNBytes(1 << 20)).isEqualTo(Arrays.copyOf(segment.log, 1 << 20));
      }

      assertThat(reads.fired()).isEqualTo(2);
    }
  }

  /** Brokers open a stream for each fetch of a consumer: this segment sixteen times. */
  @Test
  void readAheadMakesFewRequestsOfManyFetches() throws Exception {
    try (Broker broker = Broker.start(directory)) {
      SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), 16 << 20, -1);
      RemoteLogSegmentMetadata copied = copy(broker, segment);
      Fault reads = broker.store.on(StoreOperation.GET).delay(Duration.ofMillis(20));

      for (int at = 0; at < segment.log.length; at += 1 << 20) {
        try (InputStream stream = broker.manager.fetchLogSegment(copied, at)) {
          assertThat(stream.readNBytes(1 << 20))
              .isEqualTo(Arrays.copyOfRange(segment.log, at, at + (1 << 20)));
        }
      }

      assertThat(reads.fired()).as("requests for data, indexes included").isLessThanOrEqualTo(12);
    }
  }

  @Test
  void aReaderInOrderFindsTheNextSegmentFetchedThoughTheBrokerNamesItOnlyThen() throws Exception {
    Uuid topicId = Uuid.randomUuid();
    SegmentOnDisk first = new SegmentOnDisk(directory.resolve("1"), 12 << 20, -1, topicId, 0);
    SegmentOnDisk second = new SegmentOnDisk(directory.resolve("2"), 12 << 20, -1, topicId, 1000);
    RemoteLogSegmentMetadata firstCopy;
    RemoteLogSegmentMetadata secondCopy;
    try (Broker before = Broker.start(directory)) {
      firstCopy = copy(before, first);
      secondCopy = copy(before, second);
    }
    try (Broker broker = Broker.start(directory)) {
      String secondId = secondCopy.remoteLogSegmentId().id().toString();
      Fault ahead =
          broker
              .store
              .on(StoreOperation.GET)
              .keys(key -> key.contains(secondId) && !key.endsWith(".json"))
              .delay(Duration.ZERO);
      for (int at = 0; at < first.log.length; at += 1 << 20) {
        try (InputStream stream = broker.manager.fetchLogSegment(firstCopy, at)) {
          assertThat(stream.readNBytes(1 << 20))
              .isEqualTo(Arrays.copyOfRange(first.log, at, at + (1 << 20)));
        }
      }
      await().untilAsserted(() -> assertThat(ahead.fired()).isGreaterThan(1));
      Fault further = broker.store.on(StoreOperation.GET).hang();

      assertThat(index(broker, secondCopy, IndexType.OFFSET)).isEqualTo(second.offsetIndex);
      try (InputStream stream = broker.manager.fetchLogSegment(secondCopy, 0)) {
        assertThat(stream.readNBytes(100_000)).isEqualTo(Arrays.copyOf(second.log, 100_000));
      }
      further.release();
    }
  }

  @Test
  void thatNoTransactionWasAbortedIsKnownWithoutARequest() throws Exception {
    for (int transactionIndexBytes : new int[] {-1, 0}) {
      Path own = directory.resolve("case" + transactionIndexBytes);
      try (Broker broker = Broker.start(own)) {
        SegmentOnDisk segment =
            new SegmentOnDisk(own.resolve("log"), LOG_BYTES, transactionIndexBytes);
        RemoteLogSegmentMetadata copied = copy(broker, segment);
        Fault any = broker.store.on().delay(Duration.ZERO);

        assertThatThrownBy(() -> broker.manager.fetchIndex(copied, IndexType.TRANSACTION))
            .isInstanceOf(RemoteResourceNotFoundException.class);

        assertThat(any.fired()).isZero();
      }
    }
  }

  @Test
  void anObjectThatIsGoneIsSaidToBeExceptForTransactions() throws Exception {
    try (Broker broker = Broker.start(directory)) {
      SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 77);
      RemoteLogSegmentMetadata copied = copy(broker, segment);
      for (String key : broker.keys()) {
        broker.store.delete(new ObjectKey(key));
      }

      assertThatThrownBy(() -> broker.manager.fetchLogSegment(copied, 0))
          .isInstanceOf(RemoteResourceNotFoundException.class);
      assertThatThrownBy(() -> broker.manager.fetchIndex(copied, IndexType.OFFSET))
          .isInstanceOf(RemoteResourceNotFoundException.class);
      assertThatThrownBy(() -> broker.manager.fetchIndex(copied, IndexType.TRANSACTION))
          .isInstanceOf(RemoteStorageException.class)
          .isNotInstanceOf(RemoteResourceNotFoundException.class);
    }
  }

  @Test
  void damagedIndexesAreNeverServed() throws Exception {
    try (Broker broker = Broker.start(directory)) {
      SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 77);
      RemoteLogSegmentMetadata copied = copy(broker, segment);
      Fault flips =
          broker.store.on(StoreOperation.GET).keys(key -> key.endsWith(".indexes")).flipBit(500);

      for (IndexType type : IndexType.values()) {
        assertThatThrownBy(() -> broker.manager.fetchIndex(copied, type))
            .isInstanceOf(RemoteStorageException.class)
            .isNotInstanceOf(RemoteResourceNotFoundException.class)
            .hasMessageContaining("damaged");
      }
      assertThat(flips.fired()).isPositive();
      assertThat(all(broker.manager.fetchLogSegment(copied, 0)))
          .as("the log is proved as a whole then")
          .isEqualTo(segment.log);
    }
  }

  @Test
  void damagedRecordsAreNeverServed() throws Exception {
    try (Broker broker = Broker.start(directory)) {
      SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), LOG_BYTES, 77);
      RemoteLogSegmentMetadata copied = copy(broker, segment);
      String log =
          broker.keys().stream().filter(key -> key.endsWith(".log")).findAny().orElseThrow();
      byte[] damaged = segment.log.clone();
      damaged[3_000_000] ^= 1;
      ByteBuffer body = ByteBuffer.wrap(damaged);
      Object unused =
          broker.store.put(new ObjectKey(log), body, Crc32c.of(body), PutOptions.BINARY);

      try (InputStream stream = broker.manager.fetchLogSegment(copied, 0)) {
        assertThat(stream.readNBytes(1_000_000)).isEqualTo(Arrays.copyOf(segment.log, 1_000_000));
      }
      assertThatThrownBy(() -> broker.manager.fetchLogSegment(copied, 2_900_000))
          .isInstanceOf(RemoteStorageException.class)
          .hasMessageContaining("damaged chunk");
    }
  }

  @Test
  void whatABrokerGaveUpServesItsNextTry() throws Exception {
    try (Broker broker = Broker.start(directory)) {
      SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), 1_000_000, -1);
      RemoteLogSegmentMetadata copied = copy(broker, segment);
      Fault slow = broker.store.on(StoreOperation.GET).hang();
      AtomicReference<Object> outcome = new AtomicReference<>("none");
      Thread reader =
          new Thread(
              () -> {
                try (InputStream stream = broker.manager.fetchLogSegment(copied, 0)) {
                  outcome.set(stream);
                } catch (RemoteStorageException | IOException e) {
                  outcome.set(e);
                }
              });
      reader.start();
      await().untilAsserted(() -> assertThat(slow.fired()).isEqualTo(2));

      reader.interrupt();

      reader.join(180_000);
      assertThat(outcome.get()).isInstanceOf(RemoteStorageException.class);
      slow.release();
      Fault again = broker.store.on(StoreOperation.GET).delay(Duration.ZERO);
      assertThat(all(broker.manager.fetchLogSegment(copied, 0))).isEqualTo(segment.log);
      assertThat(again.fired()).as("requests of the second try").isZero();
    }
  }

  @Test
  void aSegmentOfAnotherPluginIsRefusedButNeverCalledMissing() throws Exception {
    try (Broker broker = Broker.start(directory)) {
      SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), 1000, -1);
      for (Optional<CustomMetadata> foreign :
          List.<Optional<CustomMetadata>>of(
              Optional.empty(), Optional.of(new CustomMetadata(new byte[] {9, 9})))) {
        RemoteLogSegmentMetadata metadata = segment.copied(foreign);

        assertThatThrownBy(() -> broker.manager.fetchLogSegment(metadata, 0))
            .isInstanceOf(RemoteStorageException.class)
            .isNotInstanceOf(RemoteResourceNotFoundException.class)
            .hasMessageContaining("custom metadata");
        assertThatThrownBy(() -> broker.manager.fetchIndex(metadata, IndexType.TRANSACTION))
            .isInstanceOf(RemoteStorageException.class)
            .isNotInstanceOf(RemoteResourceNotFoundException.class);
      }
    }
  }

  @Test
  void positionsOutsideOfTheSegmentAreRefused() throws Exception {
    try (Broker broker = Broker.start(directory)) {
      SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), 1000, -1);
      RemoteLogSegmentMetadata copied = copy(broker, segment);

      assertThatThrownBy(() -> broker.manager.fetchLogSegment(copied, 1001))
          .isInstanceOf(RemoteStorageException.class)
          .hasMessageContaining("position=1001 size=1000");
      assertThatThrownBy(() -> broker.manager.fetchLogSegment(copied, -1))
          .isInstanceOf(RemoteStorageException.class);
    }
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
      throws Exception {
    return segment.copied(broker.manager.copyLogSegmentData(segment.metadata, segment.data()));
  }
}
