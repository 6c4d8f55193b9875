package io.takhin.kafka.delete;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.kafka.layout.ObjectStem;
import io.takhin.kafka.ledger.Ledger;
import io.takhin.testkit.Fault;
import io.takhin.testkit.FaultStore;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.store.file.FileStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReaperTest {
  private static final ObjectStem STEM = new ObjectStem(new ObjectKey("kafka/t/0/1-id"));

  @TempDir Path directory;
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  @Test
  void aRequestThatArrivesAfterItsCopyWasUndoneLeavesNothingEither() throws Exception {
    try (FaultStore store = new FaultStore(FileStore.open(directory.resolve("bucket")));
        Ledger ledger = Ledger.open(directory.resolve("ledger"), 100);
        Reaper reaper = reaper(store, ledger, Duration.ofSeconds(5))) {
      reaper.start();
      ledger.begin(STEM);
      Fault late = store.on(StoreOperation.PUT).arriveLate();
      assertThatThrownBy(() -> put(store)).isInstanceOf(StoreException.Unavailable.class);

      reaper.undo(STEM);
      assertThat(pending("takhin_kafka_deletes_pending")).as("it was removed").isZero();
      assertThat(pending("takhin_kafka_second_removals_pending")).isEqualTo(1);
      assertThat(store.deliverLate()).containsExactly(STEM.log());

      assertThat(late.fired()).isEqualTo(1);
      assertThat(store.head(STEM.log())).isPresent();
      await().until(() -> store.head(STEM.log()).isEmpty());
      await().until(() -> ledger.doomedCount() == 0);
      assertThat(pending("takhin_kafka_second_removals_pending")).isZero();
    }
  }

  @Test
  void whatTheStoreDoesNotRemoveIsPending() throws Exception {
    try (FaultStore store = new FaultStore(FileStore.open(directory.resolve("bucket")));
        Ledger ledger = Ledger.open(directory.resolve("ledger"), 100);
        Reaper reaper = reaper(store, ledger, Duration.ofSeconds(2))) {
      reaper.start();
      ledger.begin(STEM);
      Fault refusal =
          store
              .on(StoreOperation.DELETE)
              .failBefore(message -> new StoreException.Rejected(message, null));

      reaper.undo(STEM);

      assertThat(refusal.fired()).isPositive();
      assertThat(pending("takhin_kafka_deletes_pending")).isEqualTo(1);
      assertThat(pending("takhin_kafka_second_removals_pending")).isZero();
    }
  }

  @Test
  void aCopyThatFollowsUnderTheSameKeysStays() throws Exception {
    try (FaultStore store = new FaultStore(FileStore.open(directory.resolve("bucket")));
        Ledger ledger = Ledger.open(directory.resolve("ledger"), 100);
        Reaper reaper = reaper(store, ledger, Duration.ofSeconds(2))) {
      reaper.start();
      ledger.begin(STEM);
      put(store);
      reaper.undo(STEM);
      assertThat(store.head(STEM.log())).isEmpty();
      Fault deletes = store.on(StoreOperation.DELETE).delay(Duration.ZERO);

      ledger.begin(STEM);
      put(store);
      ledger.commit(STEM);

      ObjectStem other = new ObjectStem(new ObjectKey("kafka/t/0/2-id"));
      ledger.begin(other);
      reaper.undo(other);
      await().until(() -> ledger.doomedCount() == 0);
      assertThat(deletes.fired()).as("of the other one, twice").isGreaterThanOrEqualTo(6);
      assertThat(store.head(STEM.log())).isPresent();
    }
  }

  private Reaper reaper(FaultStore store, Ledger ledger, Duration late) {
    return new Reaper(store, ledger, 2, Duration.ofMillis(20), late, meters);
  }

  private double pending(String gauge) {
    return meters.get(gauge).gauge().value();
  }

  private static void put(FaultStore store) throws StoreException {
    ByteBuffer body = ByteBuffer.wrap(new byte[] {1, 2, 3});
    Object unused = store.put(STEM.log(), body, Crc32c.of(body), PutOptions.BINARY);
  }
}
