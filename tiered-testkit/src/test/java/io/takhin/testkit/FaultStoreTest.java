package io.takhin.testkit;

import static io.takhin.testkit.ContractSubject.bytes;
import static io.takhin.testkit.ContractSubject.checksum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.takhin.tiered.store.CopySource;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectCopies;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.ObjectStore.Part;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.memory.MemoryStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FaultStoreTest {
  private static final ObjectKey KEY = new ObjectKey("t-0/00000000000000000000.log");
  private static final byte[] BYTES = bytes(1_000, 1);

  private final MemoryStore inner = new MemoryStore();
  private final FaultStore store = new FaultStore(inner);

  @AfterEach
  void everyFaultHasFired() {
    store.assertAllFired();
    store.close();
  }

  @Test
  void failsBeforeAnythingIsDone() throws Exception {
    // Given
    store.on(StoreOperation.PUT).failBefore(FaultStoreTest::unavailable);

    // When / Then
    assertThatThrownBy(this::put)
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("injected fault")
        .hasMessageContaining(KEY.value());
    assertThat(inner.head(KEY)).isEmpty();
  }

  @Test
  void arrivesAfterItsSenderHasGivenItUp() throws Exception {
    // Given
    store.on(StoreOperation.PUT).times(1).arriveLate();

    // When / Then
    assertThatThrownBy(this::put).isInstanceOf(StoreException.Unavailable.class);
    assertThat(inner.head(KEY)).isEmpty();
    assertThat(store.deliverLate()).containsExactly(KEY);
    assertThat(inner.head(KEY)).isPresent();
    assertThat(store.deliverLate()).isEmpty();
  }

  @Test
  void failsAfterItWasDone() throws Exception {
    // Given
    store.on(StoreOperation.PUT).failAfter(FaultStoreTest::unavailable);

    // When / Then
    assertThatThrownBy(this::put).isInstanceOf(StoreException.Unavailable.class);
    assertThat(inner.head(KEY)).isPresent();
  }

  @Test
  void strikesOnlyTheCallsThatWereMeant() throws Exception {
    // Given
    Fault fault =
        store
            .on(StoreOperation.HEAD)
            .keys(key -> key.endsWith(".log"))
            .skip(1)
            .times(1)
            .failBefore(FaultStoreTest::unavailable);

    // When
    store.head(new ObjectKey("t-0/00000000000000000000.index"));
    store.list("", null, 1);
    store.head(KEY);
    assertThat(fault.fired()).isZero();
    assertThatThrownBy(() -> store.head(KEY)).isInstanceOf(StoreException.Unavailable.class);
    store.head(KEY);

    // Then
    assertThat(fault.fired()).isEqualTo(1);
    assertThat(store.fired()).isEqualTo(1);
  }

  @Test
  void strikesEveryOperationWhenNoneIsNamed() throws Exception {
    // Given
    Multipart multipart = store.startMultipart(KEY, PutOptions.BINARY);
    CopySource source = store.copies().source(put());
    ObjectCopies.Upload copy = store.copies().start(source, KEY);
    Fault fault = store.on().failBefore(FaultStoreTest::unavailable);

    // When / Then
    assertThatThrownBy(this::put).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.startMultipart(KEY, PutOptions.BINARY))
        .isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> multipart.putPart(1, ByteBuffer.allocate(0), Crc32c.EMPTY))
        .isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> multipart.complete(List.of(), Crc32c.EMPTY))
        .isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.resumeMultipart(multipart.upload()).abort())
        .isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.head(KEY)).isInstanceOf(StoreException.class);
    assertThatThrownBy(this::read).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.delete(KEY)).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.list("", null, 1)).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.pendingUploads("")).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.copies().copy(source, KEY)).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.copies().start(source, KEY)).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> copy.copyPart(1, 0, 0)).isInstanceOf(StoreException.class);
    // An object that is copied in parts begins as one that is uploaded in parts.
    assertThat(fault.fired()).isEqualTo(StoreOperation.values().length + 1);
  }

  @Test
  void strikesNoMoreOnceReleased() throws Exception {
    // Given
    Fault fault = store.on(StoreOperation.HEAD).failBefore(FaultStoreTest::unavailable);
    assertThatThrownBy(() -> store.head(KEY)).isInstanceOf(StoreException.class);

    // When
    fault.release();

    // Then
    assertThat(store.head(KEY)).isEmpty();
  }

  @Test
  void delays() throws Exception {
    // Given
    store.on(StoreOperation.PUT).delay(Duration.ofMillis(50));
    long startNanos = System.nanoTime();

    // When
    put();

    // Then
    assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
        .isGreaterThanOrEqualTo(Duration.ofMillis(50));
    assertThat(inner.head(KEY)).isPresent();
  }

  @Test
  void hangsUntilReleased() throws Exception {
    // Given
    Fault fault = store.on(StoreOperation.PUT).hang();
    FutureTask<Boolean> writer = inThread();
    await().until(() -> fault.fired() == 1);
    assertThat(writer).isNotDone();

    // When
    fault.release();

    // Then
    assertThat(writer.get(3, TimeUnit.MINUTES)).isTrue();
    assertThat(inner.head(KEY)).isPresent();
  }

  @Test
  void hangsUntilInterrupted() throws Exception {
    // Given
    Fault fault = store.on(StoreOperation.PUT).hang();
    CompletableFuture<Boolean> flag = new CompletableFuture<>();
    Thread writer =
        new Thread(
            () -> {
              try {
                put();
                flag.complete(false);
              } catch (StoreException e) {
                flag.complete(Thread.currentThread().isInterrupted());
              }
            });
    writer.start();
    await().until(() -> fault.fired() == 1);

    // When
    writer.interrupt();

    // Then
    assertThat(flag.get(3, TimeUnit.MINUTES)).as("interrupt flag after the failure").isTrue();
    assertThat(inner.head(KEY)).isEmpty();
  }

  @Test
  void closingReleasesWhatHangs() throws Exception {
    // Given
    Fault fault = store.on(StoreOperation.HEAD).hang();
    FutureTask<Boolean> reader =
        new FutureTask<>(() -> assertThatThrownBy(() -> store.head(KEY)) != null);
    new Thread(reader).start();
    await().until(() -> fault.fired() == 1);

    // When
    store.close();

    // Then
    assertThat(reader.get(3, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  void truncatesWhatIsRead() throws Exception {
    // Given
    put();
    store.on(StoreOperation.GET).truncate(300);

    // When
    byte[] read = read();

    // Then
    assertThat(read).hasSize(300).isEqualTo(Arrays.copyOf(BYTES, 300));
  }

  @Test
  void flipsOneBitOfWhatIsRead() throws Exception {
    // Given
    put();
    store.on(StoreOperation.GET).flipBit(700);
    byte[] expected = BYTES.clone();
    expected[700] ^= 1;

    // When
    byte[] read = read();

    // Then
    assertThat(read).isEqualTo(expected);
  }

  @Test
  void doesNotCountAFaultThatLiesPastTheEnd() throws Exception {
    // Given
    put();
    FaultStore other = new FaultStore(inner);
    Fault fault = other.on(StoreOperation.GET).flipBit(BYTES.length);

    // When
    other.read(KEY, 0, BYTES.length, null, Channels.newChannel(new ByteArrayOutputStream()));

    // Then
    assertThat(fault.fired()).isZero();
    assertThatThrownBy(other::assertAllFired)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("never fired")
        .hasMessageContaining("flip a bit of byte 1000");
  }

  @Test
  void acknowledgesWritesAndDropsThem() throws Exception {
    // Given
    store.on(StoreOperation.PUT).lie();

    // When / Then
    assertThat(put().checksum()).contains(checksum(BYTES));
    assertThat(inner.head(KEY)).isEmpty();
  }

  @Test
  void acknowledgesRemovalsAndDropsThem() throws Exception {
    // Given
    put();
    store.on(StoreOperation.DELETE).lie();

    // When
    store.delete(KEY);

    // Then
    assertThat(inner.head(KEY)).isPresent();
  }

  @Test
  void acknowledgesUploadsInPartsAndDropsThem() throws Exception {
    // Given
    store.on(StoreOperation.PUT_PART, StoreOperation.COMPLETE, StoreOperation.ABORT).lie();
    Multipart multipart = store.startMultipart(KEY, PutOptions.BINARY);

    // When
    Part part = multipart.putPart(1, ByteBuffer.wrap(BYTES), checksum(BYTES));
    long sizeBytes = multipart.complete(List.of(part), checksum(BYTES)).sizeBytes();
    multipart.abort();

    // Then
    assertThat(sizeBytes).isEqualTo(BYTES.length);
    assertThat(inner.head(KEY)).isEmpty();
    assertThat(inner.pendingUploads("")).hasSize(1);
  }

  @Test
  void refusesFaultsThatMakeNoSense() {
    assertThatThrownBy(() -> store.on(StoreOperation.HEAD).lie())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("HEAD");
    assertThatThrownBy(() -> store.on(StoreOperation.PUT).truncate(1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store.on().flipBit(1)).isInstanceOf(IllegalArgumentException.class);
  }

  private StoredObject put() throws StoreException {
    return store.put(KEY, ByteBuffer.wrap(BYTES), checksum(BYTES), PutOptions.BINARY);
  }

  private byte[] read() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    store.read(KEY, 0, BYTES.length, null, Channels.newChannel(bytes));
    return bytes.toByteArray();
  }

  private FutureTask<Boolean> inThread() {
    FutureTask<Boolean> task = new FutureTask<>(() -> put().sizeBytes() == BYTES.length);
    new Thread(task).start();
    return task;
  }

  private static StoreException unavailable(String message) {
    return new StoreException.Unavailable(message, null);
  }
}
