package io.takhin.testkit.bucket;

import static io.takhin.testkit.bucket.Buckets.MIB;
import static io.takhin.testkit.bucket.Buckets.contents;
import static io.takhin.testkit.bucket.Buckets.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.takhin.testkit.Fault;
import io.takhin.testkit.FaultStore;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.store.memory.MemoryStore;
import io.takhin.tiered.transfer.bucket.BucketPrefix;
import io.takhin.tiered.transfer.bucket.BucketTransfer;
import io.takhin.tiered.transfer.bucket.BucketTransferOptions;
import io.takhin.tiered.transfer.bucket.FailedObject;
import io.takhin.tiered.transfer.bucket.TransferMode;
import io.takhin.tiered.transfer.bucket.TransferRefusedException;
import io.takhin.tiered.transfer.bucket.TransferSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a transfer does when stores fail, objects change, and runs are broken off. */
final class BucketTransferFaultTest {
  @TempDir Path dir;

  private final MemoryStore from = new MemoryStore();
  private final MemoryStore behind = new MemoryStore();
  private final FaultStore to = new FaultStore(behind);

  @Test
  void aResumedTransferAsksForNothingThatWasVerified() throws Exception {
    // Given: a run in which one small and one large object fail, each on its way.
    for (int index = 0; index < 20; index++) {
      put(from, "a/" + index, 100);
    }
    put(from, "a/large", 11 * MIB);
    Fault small = unavailable(StoreOperation.PUT, "b/7");
    Fault large = unavailable(StoreOperation.PUT_PART, "b/large");
    TransferSummary first = run(from, to, options());
    assertThat(small.fired()).isPositive();
    assertThat(large.fired()).isPositive();
    assertThat(first.objectsCopied()).isEqualTo(19);
    assertThat(first.failures())
        .extracting(FailedObject::key)
        .containsExactlyInAnyOrder("a/7", "a/large");
    assertThat(file()).exists();

    // When
    TransferSummary second = run(from, healed(), options());

    // Then: two listings, and only what is missing is read and written.
    assertThat(second.requests())
        .containsOnly(
            Map.entry("source.list", 1L),
            Map.entry("source.head", 2L),
            Map.entry("source.get", 4L),
            Map.entry("target.list", 1L),
            Map.entry("target.put", 1L),
            Map.entry("target.create_multipart", 1L),
            Map.entry("target.put_part", 3L),
            Map.entry("target.complete", 1L),
            Map.entry("target.head", 2L));
    assertThat(second.objectsSkipped()).isEqualTo(19);
    assertThat(second.complete()).isTrue();
    assertThat(contents(behind, "b/")).isEqualTo(contents(from, "a/"));
    assertThat(file()).doesNotExist();
  }

  @Test
  void aResumedTransferTakesUpWhatChangedOrWentSince() throws Exception {
    // Given: everything but one object is done.
    for (int index = 0; index < 5; index++) {
      put(from, "a/" + index, 100);
    }
    Fault fault = unavailable(StoreOperation.PUT, "b/4");
    run(from, to, options());
    assertThat(fault.fired()).isPositive();
    put(from, "a/0", 100, 77);
    behind.delete(new ObjectKey("b/1"));

    // When
    TransferSummary second = run(from, healed(), options());

    // Then
    assertThat(second.objectsCopied()).isEqualTo(3);
    assertThat(contents(behind, "b/")).isEqualTo(contents(from, "a/"));
  }

  @ParameterizedTest
  @EnumSource(
      value = StoreOperation.class,
      names = {"PUT_PART", "COMPLETE"})
  void aLargeObjectThatFailsLeavesNothingAndStopsNoOther(StoreOperation failing) throws Exception {
    put(from, "a/large", 30 * MIB);
    put(from, "a/small", 100);
    to.on(failing)
        .skip(failing == StoreOperation.PUT_PART ? 2 : 0)
        .failBefore(message -> new StoreException.Rejected(message, null));

    TransferSummary summary = run(from, to, options());

    to.assertAllFired();
    assertThat(summary.objectsCopied()).isEqualTo(1);
    assertThat(summary.failures()).extracting(FailedObject::key).containsExactly("a/large");
    assertThat(summary.failures().get(0).reason()).contains("b/large");
    assertThat(behind.pendingUploads("")).isEmpty();
    assertThat(contents(behind, "")).containsOnlyKeys("b/small");
    assertThat(summary.requests()).containsEntry("target.abort", 1L);
  }

  @Test
  void aCopyInPartsThatFailsLeavesNothing() throws Exception {
    put(from, "a/large", 30 * MIB);
    FaultStore store = new FaultStore(from);
    store
        .on(StoreOperation.COPY_PART)
        .skip(2)
        .failBefore(message -> new StoreException.Unavailable(message, null));

    TransferSummary summary = run(store, store, options().withCopyLimitBytes(5 * MIB));

    store.assertAllFired();
    assertThat(summary.objectsFailed()).isEqualTo(1);
    assertThat(from.pendingUploads("")).isEmpty();
    assertThat(contents(from, "b/")).isEmpty();
  }

  @Test
  void anUploadThatCouldNotBeAbortedIsAbortedByTheNextRun() throws Exception {
    // Given
    put(from, "a/large", 12 * MIB);
    Fault part = unavailable(StoreOperation.PUT_PART, "b/large");
    Fault abort = unavailable(StoreOperation.ABORT, "b/large");
    run(from, to, options());
    assertThat(part.fired()).isPositive();
    assertThat(abort.fired()).isPositive();
    assertThat(behind.pendingUploads("")).hasSize(1);
    ObjectStore.Multipart foreign =
        behind.startMultipart(new ObjectKey("b/other"), PutOptions.BINARY);

    // When
    TransferSummary second = run(from, healed(), options());

    // Then: its own is gone, and that of somebody else is not.
    assertThat(second.uploadsAborted()).isEqualTo(1);
    assertThat(second.complete()).isTrue();
    assertThat(behind.pendingUploads("")).containsExactly(foreign.upload());
  }

  @Test
  void anUploadThatGotNoNameBeforeTheKillIsAbortedByTheNextRun() throws Exception {
    // Given: an upload that began, but whose answer never came.
    put(from, "a/large", 12 * MIB);
    to.on(StoreOperation.CREATE_MULTIPART)
        .times(1)
        .failAfter(message -> new StoreException.Unavailable(message, null));
    run(from, to, options());
    to.assertAllFired();
    assertThat(behind.pendingUploads("")).hasSize(1);

    // When
    TransferSummary second = run(from, healed(), options());

    // Then
    assertThat(second.uploadsAborted()).isEqualTo(1);
    assertThat(second.complete()).isTrue();
    assertThat(behind.pendingUploads("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 12 * MIB})
  void anObjectThatChangesOnTheWayIsReadAnew(int sizeBytes) throws Exception {
    // Given
    put(from, "a/0", sizeBytes);
    AtomicInteger changes = new AtomicInteger();
    StoreSpy source = changing(changes, 1, sizeBytes);

    // When
    TransferSummary summary = run(source.store(), to, options());

    // Then
    assertThat(changes).hasValue(1);
    assertThat(summary.objectsCopied()).isEqualTo(1);
    assertThat(contents(behind, "b/")).isEqualTo(contents(from, "a/"));
    assertThat(behind.pendingUploads("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 12 * MIB})
  void anObjectThatKeepsChangingFailsClearly(int sizeBytes) throws Exception {
    put(from, "a/0", sizeBytes);
    AtomicInteger changes = new AtomicInteger();
    StoreSpy source = changing(changes, 100, sizeBytes);

    TransferSummary summary = run(source.store(), to, options());

    assertThat(changes.get()).isGreaterThan(1);
    assertThat(summary.failures())
        .singleElement()
        .satisfies(failed -> assertThat(failed.reason()).contains("changed while it was copied"));
    assertThat(contents(behind, "")).isEmpty();
    assertThat(behind.pendingUploads("")).isEmpty();
  }

  @Test
  void anObjectThatChangesBeforeItsCopyIsCopiedAnew() throws Exception {
    put(from, "a/0", 1_000);
    AtomicInteger changes = new AtomicInteger();
    StoreSpy store =
        new StoreSpy(
            from,
            (method, arguments, call) -> {
              Object answer = call.make();
              if (method.getName().equals("head")
                  && new ObjectKey("a/0").equals(arguments[0])
                  && changes.incrementAndGet() == 1) {
                put(from, "a/0", 1_000, 5);
              }
              return answer;
            });

    TransferSummary summary = run(store.store(), store.store(), options());

    assertThat(summary.bytesCopiedInside()).isEqualTo(1_000);
    assertThat(contents(from, "b/")).isEqualTo(contents(from, "a/"));
  }

  @Test
  void bytesThatWereAlteredOnTheWayInDoNotGetOut() throws Exception {
    put(from, "a/0", 1_000);
    put(from, "a/large", 12 * MIB);
    FaultStore source = new FaultStore(from);
    source.on(StoreOperation.GET).flipBit(10);

    TransferSummary summary = run(source, behind, options());

    source.assertAllFired();
    assertThat(summary.objectsFailed()).isEqualTo(2);
    assertThat(summary.failures().get(0).reason()).contains("checksum");
    assertThat(contents(behind, "")).isEmpty();
    assertThat(behind.pendingUploads("")).isEmpty();
  }

  @Test
  void aStoreThatPretendsToHaveTheObjectIsFoundOut() throws Exception {
    put(from, "a/0", 1_000);
    to.on(StoreOperation.PUT).lie();

    TransferSummary summary = run(from, to, options());

    to.assertAllFired();
    assertThat(summary.failures().get(0).reason()).contains("object missing", "b/0");
  }

  @Test
  void aCopyThatIsOnlyPretendedIsFoundOut() throws Exception {
    put(from, "a/0", 1_000);
    FaultStore store = new FaultStore(from);
    store.on(StoreOperation.COPY).lie();

    TransferSummary summary = run(store, store, options());

    store.assertAllFired();
    assertThat(summary.failures().get(0).reason()).contains("object missing", "b/0");
  }

  @ParameterizedTest
  @EnumSource(
      value = StoreOperation.class,
      names = {"PUT", "COMPLETE", "COPY"})
  void anUnknownOutcomeIsLookedUp(StoreOperation operation) throws Exception {
    boolean copies = operation == StoreOperation.COPY;
    put(from, "a/0", operation == StoreOperation.PUT || copies ? 1_000 : 12 * MIB);
    FaultStore target = copies ? new FaultStore(from) : to;
    target.on(operation).failAfter(message -> new StoreException.Unavailable(message, null));

    TransferSummary summary = run(copies ? target : from, target, options());

    target.assertAllFired();
    assertThat(summary.complete()).isTrue();
    assertThat(summary.objectsCopied()).isEqualTo(1);
  }

  @Test
  void aListingThatFailsEndsTheRun() throws Exception {
    put(from, "a/0", 1_000);
    FaultStore source = new FaultStore(from);
    source
        .on(StoreOperation.LIST)
        .failBefore(message -> new StoreException.Unavailable(message, null));

    assertThatThrownBy(() -> run(source, to, options()))
        .isInstanceOf(StoreException.Unavailable.class);

    source.assertAllFired();
    assertThat(file()).as("what was done so far is remembered").exists();
  }

  @Test
  void tooManyFailuresEndTheRun() throws Exception {
    for (int index = 0; index < 1_100; index++) {
      put(from, "a/" + index, 1);
    }
    to.on(StoreOperation.PUT)
        .failBefore(message -> new StoreException.Rejected(message + " AccessDenied", null));

    assertThatThrownBy(() -> run(from, to, options()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("1000 objects failed")
        .hasMessageContaining("AccessDenied");
    to.assertAllFired();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTransferThatIsStoppedLeavesNothingBehind(boolean byInterrupt) throws Exception {
    // Given: parts that hang, of objects that share the workers.
    put(from, "a/0", 12 * MIB);
    put(from, "a/1", 12 * MIB);
    put(from, "a/2", 100);
    Fault hang = to.on(StoreOperation.PUT_PART).skip(1).hang();
    BucketTransfer transfer = transfer(from, to, options());
    CompletableFuture<TransferSummary> outcome = new CompletableFuture<>();
    Thread running =
        new Thread(
            () -> {
              try {
                outcome.complete(transfer.run());
              } catch (IOException | InterruptedException e) {
                outcome.completeExceptionally(e);
              }
            });
    running.start();
    await().until(() -> hang.fired() > 1);
    assertThat(behind.pendingUploads("")).isNotEmpty();

    // When
    if (byInterrupt) {
      running.interrupt();
    } else {
      transfer.close();
    }

    // Then
    assertThatThrownBy(() -> outcome.get(3, TimeUnit.MINUTES))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(byInterrupt ? InterruptedException.class : IOException.class);
    assertThat(behind.pendingUploads("")).isEmpty();
    assertThat(transfer.progress().objectsFailed()).isZero();
    hang.release();
    transfer.close();

    // And the same transfer goes on.
    assertThat(run(from, healed(), options()).complete()).isTrue();
    assertThat(contents(behind, "b/")).isEqualTo(contents(from, "a/"));
  }

  @Test
  void theProgressFileOfAnotherTransferIsRefusedBeforeAnythingIsDone() throws Exception {
    put(from, "a/0", 100);
    Fault fault = unavailable(StoreOperation.PUT, "b/0");
    run(from, to, options());
    assertThat(fault.fired()).isPositive();
    byte[] kept = Files.readAllBytes(file());

    try (BucketTransfer other =
        new BucketTransfer(
            new BucketPrefix(from, "a"), new BucketPrefix(behind, "elsewhere"), options())) {
      assertThatThrownBy(other::run).isInstanceOf(TransferRefusedException.class);
    }

    assertThat(Files.readAllBytes(file())).isEqualTo(kept);
    assertThat(contents(behind, "")).isEmpty();
  }

  /** Objects are overwritten between their description and their bytes, the first few times. */
  private StoreSpy changing(AtomicInteger changes, int atMost, int sizeBytes) {
    return new StoreSpy(
        from,
        (method, arguments, call) -> {
          if (method.getName().equals("read") && changes.get() < atMost) {
            put(from, "a/0", sizeBytes, 1_000 + changes.incrementAndGet());
          }
          return call.make();
        });
  }

  private Fault unavailable(StoreOperation operation, String key) {
    return to.on(operation)
        .keys(key::equals)
        .failBefore(message -> new StoreException.Unavailable(message, null));
  }

  /** The same target without faults, and under the same name. */
  private FaultStore healed() {
    return new FaultStore(behind);
  }

  private BucketTransferOptions options() {
    return BucketTransferOptions.defaults()
        .withMode(TransferMode.AUTO)
        .withWorkers(4)
        .withChunkSizeBytes(5 * MIB)
        .withProgressFile(file());
  }

  private Path file() {
    return dir.resolve("transfer.progress");
  }

  private static TransferSummary run(
      ObjectStore source, ObjectStore target, BucketTransferOptions options) throws Exception {
    try (BucketTransfer transfer = transfer(source, target, options)) {
      return transfer.run();
    }
  }

  private static BucketTransfer transfer(
      ObjectStore source, ObjectStore target, BucketTransferOptions options)
      throws TransferRefusedException {
    return new BucketTransfer(
        new BucketPrefix(source, "a"), new BucketPrefix(target, "b"), options);
  }
}
