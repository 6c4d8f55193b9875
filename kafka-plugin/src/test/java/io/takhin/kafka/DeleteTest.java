package io.takhin.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.takhin.testkit.Fault;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deletes are remembered at once and done later, whatever the store does meanwhile. */
class DeleteTest {
  @TempDir Path directory;

  @Test
  void aDeleteDoesNotWaitForTheStore() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), 100_000, 10);
    try (Broker broker = Broker.start(directory)) {
      RemoteLogSegmentMetadata copied = copy(broker, segment);
      Fault hang = broker.store.on(StoreOperation.DELETE).hang();

      broker.manager.deleteLogSegmentData(copied);

      await().untilAsserted(() -> assertThat(hang.fired()).isPositive());
      assertThat(broker.keys()).hasSize(3);
      hang.release();
      await().untilAsserted(() -> assertThat(broker.keys()).isEmpty());
    }
  }

  @Test
  void whatFailsIsTriedAgainAndKeepsNoOtherFromGoing() throws Exception {
    SegmentOnDisk held = new SegmentOnDisk(directory.resolve("held"), 100_000, 10);
    SegmentOnDisk other = new SegmentOnDisk(directory.resolve("other"), 200_000, 10);
    try (Broker broker = Broker.start(directory)) {
      RemoteLogSegmentMetadata heldCopy = copy(broker, held);
      RemoteLogSegmentMetadata otherCopy = copy(broker, other);
      String id = held.metadata.remoteLogSegmentId().id().toString();
      Fault refusal =
          broker
              .store
              .on(StoreOperation.DELETE)
              .keys(key -> key.contains(id))
              .times(5)
              .failBefore(message -> new StoreException.Rejected(message, null));

      broker.manager.deleteLogSegmentData(heldCopy);
      broker.manager.deleteLogSegmentData(otherCopy);

      await().untilAsserted(() -> assertThat(broker.keys()).isEmpty());
      assertThat(refusal.fired()).isEqualTo(5);
    }
  }

  @Test
  void newWorkDoesNotMultiplyTheRequestsForOld() throws Exception {
    // Given many that the store refuses to delete
    Map<String, String> seldom = Map.of("delete.retry.pause.ms", "60000");
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("held"), 10_000, 10);
    try (Broker broker = Broker.start(directory, seldom)) {
      RemoteLogSegmentMetadata held = copy(broker, segment);
      String id = segment.metadata.remoteLogSegmentId().id().toString();
      Fault refusal =
          broker
              .store
              .on(StoreOperation.DELETE)
              .keys(key -> key.contains(id))
              .failBefore(message -> new StoreException.Rejected(message, null));
      broker.manager.deleteLogSegmentData(held);
      await().untilAsserted(() -> assertThat(refusal.fired()).isEqualTo(1));

      // When others come and go
      for (int i = 0; i < 5; i++) {
        SegmentOnDisk other = new SegmentOnDisk(directory.resolve("other" + i), 10_000, 10);
        broker.manager.deleteLogSegmentData(copy(broker, other));
        await().untilAsserted(() -> assertThat(broker.keys()).hasSize(3));
      }

      // Then
      assertThat(refusal.fired()).isEqualTo(1);
    }
  }

  @Test
  void aStoreThatIsDownIsAskedAFewTimesHoweverMuchThereIsToDo() throws Exception {
    // Given
    Map<String, String> often = Map.of("delete.retry.pause.ms", "10");
    try (Broker broker = Broker.start(directory, often)) {
      List<RemoteLogSegmentMetadata> copied = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log" + i), 10_000, 10);
        copied.add(copy(broker, segment));
      }
      AtomicInteger asked = new AtomicInteger();
      List<Fault> down = new ArrayList<>();
      for (StoreOperation operation : List.of(StoreOperation.DELETE, StoreOperation.HEAD)) {
        down.add(
            broker
                .store
                .on(operation)
                .failBefore(
                    message -> {
                      asked.incrementAndGet();
                      return new StoreException.Unavailable(message, null);
                    }));
      }

      // When
      for (RemoteLogSegmentMetadata each : copied) {
        broker.manager.deleteLogSegmentData(each);
      }
      await().untilAsserted(() -> assertThat(down.get(1).fired()).isPositive()); // the probe

      // Then
      assertThat(broker.keys()).hasSize(60);
      assertThat(asked).hasValueLessThan(20);

      // And when it is back, nobody waits for a pause
      down.forEach(Fault::release);
      await().untilAsserted(() -> assertThat(broker.keys()).isEmpty());
    }
  }

  @Test
  void aDeleteSurvivesARestart() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), 100_000, 10);
    try (Broker broker = Broker.start(directory)) {
      RemoteLogSegmentMetadata copied = copy(broker, segment);
      Fault down =
          broker
              .store
              .on(StoreOperation.DELETE)
              .failBefore(message -> new StoreException.Unavailable(message, null));
      broker.manager.deleteLogSegmentData(copied);
      await().untilAsserted(() -> assertThat(down.fired()).isPositive());
      assertThat(broker.keys()).hasSize(3);
    }
    try (Broker next = Broker.start(directory)) {
      await().untilAsserted(() -> assertThat(next.keys()).isEmpty());
    }
  }

  @Test
  void aSegmentUnderAnEarlierPrefixIsReadAndDeleted() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), 100_000, 10);
    RemoteLogSegmentMetadata copied;
    try (Broker broker = Broker.start(directory, Map.of("key.prefix", "before/x"))) {
      copied = copy(broker, segment);
    }
    try (Broker next = Broker.start(directory, Map.of("key.prefix", "after"))) {
      assertThat(next.manager.fetchLogSegment(copied, 0).readAllBytes()).isEqualTo(segment.log);

      next.manager.deleteLogSegmentData(copied);

      await().untilAsserted(() -> assertThat(next.keys()).isEmpty());
    }
  }

  @Test
  void whatIsNotThereCountsAsDeleted() throws Exception {
    SegmentOnDisk segment = new SegmentOnDisk(directory.resolve("log"), 100_000, 10);
    try (Broker broker = Broker.start(directory)) {
      broker.manager.deleteLogSegmentData(segment.metadata);
      broker.manager.deleteLogSegmentData(segment.copied(Optional.empty()));
      await().untilAsserted(() -> assertThat(broker.machinery.ledger.doomedCount()).isZero());

      RemoteLogSegmentMetadata copied = copy(broker, segment);
      broker.manager.deleteLogSegmentData(copied);
      broker.manager.deleteLogSegmentData(copied);
      await().untilAsserted(() -> assertThat(broker.keys()).isEmpty());
    }
  }

  private static RemoteLogSegmentMetadata copy(Broker broker, SegmentOnDisk segment)
      throws Exception {
    return segment.copied(broker.manager.copyLogSegmentData(segment.metadata, segment.data()));
  }
}
