package io.takhin.testkit.bucket;

import static io.takhin.testkit.bucket.Buckets.MIB;
import static io.takhin.testkit.bucket.Buckets.contents;
import static io.takhin.testkit.bucket.Buckets.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.takhin.testkit.Fault;
import io.takhin.testkit.FaultStore;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.file.FileStore;
import io.takhin.tiered.store.memory.MemoryStore;
import io.takhin.tiered.transfer.bucket.BucketPrefix;
import io.takhin.tiered.transfer.bucket.BucketTransfer;
import io.takhin.tiered.transfer.bucket.BucketTransferOptions;
import io.takhin.tiered.transfer.bucket.FailedObject;
import io.takhin.tiered.transfer.bucket.KeyFilter;
import io.takhin.tiered.transfer.bucket.PlannedObject;
import io.takhin.tiered.transfer.bucket.TransferMode;
import io.takhin.tiered.transfer.bucket.TransferPlan;
import io.takhin.tiered.transfer.bucket.TransferProgress;
import io.takhin.tiered.transfer.bucket.TransferRefusedException;
import io.takhin.tiered.transfer.bucket.TransferSummary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a transfer does where all goes well, and which requests it takes. */
final class BucketTransferTest {
  private static final BucketTransferOptions OPTIONS =
      BucketTransferOptions.defaults().withWorkers(4).withChunkSizeBytes(5 * MIB);

  @TempDir Path dir;

  private final MemoryStore from = new MemoryStore();
  private final MemoryStore to = new MemoryStore();

  @Test
  void streamsBetweenTwoServicesByTheFewestRequests() throws Exception {
    // Given: an empty one, a small one, one of exactly a chunk, and a large one.
    put(from, "a/empty", 0);
    put(from, "a/small", 1_000);
    put(from, "a/deep/chunk", 5 * MIB);
    put(from, "a/large", 12 * MIB);
    put(from, "ab/other", 10);

    // When
    TransferSummary summary = run(from, "a", to, "b/c", OPTIONS);

    // Then
    assertThat(contents(to, "")).isEqualTo(prefixed("b/c/", contents(from, "a/")));
    assertThat(summary.complete()).isTrue();
    assertThat(summary.objectsCopied()).isEqualTo(4);
    assertThat(summary.bytesStreamed()).isEqualTo(17 * MIB + 1_000);
    assertThat(summary.bytesDownloaded()).isEqualTo(17 * MIB + 1_000);
    assertThat(summary.bytesUploaded()).isEqualTo(17 * MIB + 1_000);
    assertThat(summary.bytesCopiedInside()).isZero();
    assertThat(summary.verified()).isEqualTo(Map.of("checksum", 4L, "etag", 0L, "size", 0L));
    assertThat(summary.way()).contains("different services");
    assertThat(summary.requests())
        .isEqualTo(
            Map.of(
                "source.list", 1L,
                "source.head", 4L,
                "source.get", 5L,
                "target.list", 1L,
                "target.put", 3L,
                "target.create_multipart", 1L,
                "target.put_part", 3L,
                "target.complete", 1L,
                "target.head", 4L));
  }

  @Test
  void copiesInsideOneServiceWithoutMovingAByte() throws Exception {
    // Given: one below the limit of a single copy, one above.
    put(from, "a/small", 1_000);
    put(from, "a/large", 12 * MIB);

    // When
    TransferSummary summary = run(from, "a", from, "b", OPTIONS.withCopyLimitBytes(5 * MIB));

    // Then
    assertThat(contents(from, "b/")).isEqualTo(contents(from, "a/"));
    assertThat(summary.bytesDownloaded()).isZero();
    assertThat(summary.bytesUploaded()).isZero();
    assertThat(summary.bytesCopiedInside()).isEqualTo(12 * MIB + 1_000);
    assertThat(summary.bytesSaved()).isEqualTo(12 * MIB + 1_000);
    assertThat(summary.way()).startsWith("direct");
    assertThat(summary.requests())
        .containsEntry("target.copy", 1L)
        .containsEntry("target.copy_part", 3L)
        .doesNotContainKeys("source.get", "target.put", "target.put_part");
  }

  @Test
  void copiesBetweenTwoRootsOfFiles() throws Exception {
    FileStore one = FileStore.open(dir.resolve("one"));
    FileStore two = FileStore.open(dir.resolve("two"));
    put(one, "a/small", 1_000);
    put(one, "a/large", 12 * MIB);

    TransferSummary summary = run(one, "", two, "", OPTIONS.withCopyLimitBytes(5 * MIB));

    assertThat(contents(two, "")).isEqualTo(contents(one, ""));
    assertThat(summary.bytesCopiedInside()).isEqualTo(12 * MIB + 1_000);
  }

  @Test
  void streamsWhereThatIsAskedFor() throws Exception {
    put(from, "a/small", 1_000);

    TransferSummary summary = run(from, "a", from, "b", OPTIONS.withMode(TransferMode.STREAM));

    assertThat(summary.bytesStreamed()).isEqualTo(1_000);
    assertThat(summary.requests()).doesNotContainKey("target.copy");
    assertThat(summary.way()).contains("as asked for");
  }

  @Test
  void fallsBackToStreamsWhenTheStoreRefusesAndStopsAsking() throws Exception {
    // Given
    for (int index = 0; index < 10; index++) {
      put(from, "a/" + index, 100);
    }
    FaultStore store = new FaultStore(from);
    Fault refusal =
        store
            .on(StoreOperation.COPY)
            .failBefore(message -> new StoreException.Rejected(message + " AccessDenied", null));

    // When
    TransferSummary summary = run(store, "a", store, "b", OPTIONS.withWorkers(1));

    // Then
    assertThat(refusal.fired()).isEqualTo(3);
    assertThat(summary.complete()).isTrue();
    assertThat(summary.bytesStreamed()).isEqualTo(1_000);
    assertThat(summary.way()).startsWith("stream").contains("refused", "AccessDenied");
    assertThat(contents(from, "b/")).isEqualTo(contents(from, "a/"));
  }

  @Test
  void fallsBackForTheOneObjectThatIsRefused() throws Exception {
    for (int index = 0; index < 10; index++) {
      put(from, "a/" + index, 100);
    }
    FaultStore store = new FaultStore(from);
    store
        .on(StoreOperation.COPY)
        .keys(key -> key.endsWith("/4"))
        .failBefore(message -> new StoreException.Rejected(message, null));

    TransferSummary summary = run(store, "a", store, "b", OPTIONS);

    store.assertAllFired();
    assertThat(summary.bytesCopiedInside()).isEqualTo(900);
    assertThat(summary.bytesStreamed()).isEqualTo(100);
    assertThat(summary.way()).startsWith("direct").contains("streamed where");
  }

  @Test
  void fallsBackWhenTheTargetDoesNotSeeTheSource() throws Exception {
    put(from, "a/0", 100);
    FaultStore store = new FaultStore(from);
    store.on(StoreOperation.COPY).failBefore(message -> new StoreException.NotFound(message, null));

    TransferSummary summary = run(store, "a", store, "b", OPTIONS);

    store.assertAllFired();
    assertThat(summary.bytesStreamed()).isEqualTo(100);
  }

  @Test
  void doesNotFallBackWhereOnlyCopiesAreAskedFor() throws Exception {
    put(from, "a/0", 100);
    FaultStore store = new FaultStore(from);
    store.on(StoreOperation.COPY).failBefore(message -> new StoreException.Rejected(message, null));

    TransferSummary summary = run(store, "a", store, "b", OPTIONS.withMode(TransferMode.DIRECT));

    store.assertAllFired();
    assertThat(summary.complete()).isFalse();
    assertThat(summary.bytesDownloaded()).isZero();
    assertThat(contents(from, "b/")).isEmpty();
    assertThatThrownBy(() -> run(from, "a", to, "b", OPTIONS.withMode(TransferMode.DIRECT)))
        .isInstanceOf(TransferRefusedException.class)
        .hasMessageContaining("direct");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a/b", "a/b/c"})
  void refusesASideWithinTheOther(String prefix) {
    assertThatThrownBy(() -> run(from, "a/b", from, prefix, OPTIONS))
        .isInstanceOf(TransferRefusedException.class)
        .hasMessageContaining("within");
  }

  @Test
  void movesWhatThePatternsTake() throws Exception {
    for (String key : List.of("t-0/0.log", "t-0/0.index", "t-1/0.log", "tmp/0.log")) {
      put(from, key, 10);
    }
    KeyFilter filter = new KeyFilter(List.of("*.log"), List.of("tmp/**"));

    TransferSummary summary = run(from, "", to, "", OPTIONS.withFilter(filter));

    assertThat(contents(to, "")).containsOnlyKeys("t-0/0.log", "t-1/0.log");
    assertThat(summary.objectsCopied()).isEqualTo(2);
  }

  @Test
  void leavesAloneWhatIsThereAndReplacesWhatIsDifferent() throws Exception {
    // Given: the same, other bytes of the same size, another size, and nothing.
    for (String key : List.of("other", "same", "size", "zero")) {
      put(from, key, 1_000);
    }
    StoredObject same = put(to, "same", 1_000);
    put(to, "other", 1_000, 7);
    put(to, "size", 999);
    put(to, "unrelated", 5);

    // When
    TransferSummary summary = run(from, "", to, "", OPTIONS);

    // Then
    assertThat(summary.objectsSkipped()).isEqualTo(1);
    assertThat(summary.bytesSkipped()).isEqualTo(1_000);
    assertThat(summary.objectsCopied()).isEqualTo(3);
    assertThat(to.head(new ObjectKey("same")).orElseThrow().etag()).isEqualTo(same.etag());
    Map<String, String> expected = contents(from, "");
    expected.put("unrelated", contents(to, "").getOrDefault("unrelated", ""));
    assertThat(contents(to, "")).isEqualTo(expected);
  }

  @Test
  void theListingOfTheTargetIsFollowedPageByPage() throws Exception {
    // Given: more than a page on either side, only every other key on both.
    for (int index = 0; index < 2_500; index++) {
      put(index % 2 == 0 ? from : to, String.format("k%04d", index), 10);
    }
    for (int index = 0; index < 2_500; index += 4) {
      put(to, String.format("k%04d", index), 10);
    }

    // When
    TransferSummary summary = run(from, "", to, "", OPTIONS);

    // Then
    assertThat(summary.objectsSkipped()).isEqualTo(625);
    assertThat(summary.objectsCopied()).isEqualTo(625);
    assertThat(summary.requests())
        .containsEntry("target.put", 625L)
        .containsEntry("target.list", 2L)
        .containsEntry("target.head", 1_250L);
    assertThat(contents(to, "")).containsAllEntriesOf(contents(from, ""));
  }

  @Test
  void aDryRunTellsAndTouchesNothing() throws Exception {
    // Given
    for (String key : List.of("a/new", "a/same", "a/size")) {
      put(from, key, 1_000);
    }
    put(to, "b/same", 1_000);
    put(to, "b/size", 5);
    StoreSpy source = StoreSpy.counting(from);
    StoreSpy target = StoreSpy.counting(to);
    List<PlannedObject> planned = new ArrayList<>();

    // When
    TransferPlan plan = plan(source.store(), "a", target.store(), "b", planned::add);

    // Then
    assertThat(planned)
        .extracting(PlannedObject::targetKey, PlannedObject::action)
        .containsExactly(
            tuple("b/new", PlannedObject.Action.COPY),
            tuple("b/same", PlannedObject.Action.COMPARE),
            tuple("b/size", PlannedObject.Action.REPLACE));
    assertThat(plan.objects()).isEqualTo(3);
    assertThat(plan.bytes()).isEqualTo(3_000);
    assertThat(plan.compareObjects()).isEqualTo(1);
    assertThat(plan.replaceObjects()).isEqualTo(1);
    assertThat(plan.direct()).isFalse();
    assertThat(source.calls("read", "head")).isZero();
    assertThat(target.calls("put", "head", "startMultipart", "delete")).isZero();
    assertThat(contents(to, "")).hasSize(2);
  }

  @Test
  void aKeyThatIsNotCarriedIsNamedAndNotPassedOver() throws Exception {
    // Given: a listing that meets keys of others.
    put(from, "a/good", 10);
    StoreSpy source =
        new StoreSpy(
            from,
            (method, arguments, call) -> {
              if (method.getName().equals("list") && arguments.length == 4) {
                @SuppressWarnings("unchecked")
                Consumer<String> passedOver = (Consumer<String>) arguments[3];
                passedOver.accept("a/b c");
                passedOver.accept("a/x c.tmp");
              }
              return call.make();
            });
    KeyFilter filter = new KeyFilter(List.of(), List.of("*.tmp"));

    // When
    TransferSummary summary = run(source.store(), "a", to, "", OPTIONS.withFilter(filter));

    // Then
    assertThat(summary.objectsCopied()).isEqualTo(1);
    assertThat(summary.failures()).extracting(FailedObject::key).containsExactly("a/b c");
  }

  @Test
  void storesWithoutChecksumsAreVerifiedByWhatTheyHave() throws Exception {
    // Given
    put(from, "a/0", 1_000);
    StoreSpy silent = new StoreSpy(from, (method, arguments, call) -> silenced(call.make()));

    // When: by the ETag, which a memory store gives each object anew; so it is the size.
    TransferSummary copied = run(silent.store(), "a", silent.store(), "b", OPTIONS);
    TransferSummary streamed =
        run(silent.store(), "a", to, "b", OPTIONS.withMode(TransferMode.STREAM));
    TransferSummary again = run(silent.store(), "a", silent.store(), "b", OPTIONS);

    // Then
    assertThat(copied.verified()).containsEntry("size", 1L);
    assertThat(streamed.verified()).containsEntry("checksum", 1L);
    assertThat(again.objectsSkipped()).as("size alone is no reason to skip").isZero();
  }

  @Test
  void payloadInMemoryIsBounded() throws Exception {
    // Given: more and larger objects than fit the bound at once.
    for (int index = 0; index < 12; index++) {
      put(from, "a/" + index, 11 * MIB);
    }
    AtomicInteger sending = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    StoreSpy source =
        new StoreSpy(
            from,
            (method, arguments, call) -> {
              if (!method.getName().equals("read")) {
                return call.make();
              }
              int now = sending.incrementAndGet();
              most.accumulateAndGet(now, Math::max);
              try {
                return call.make();
              } finally {
                sending.decrementAndGet();
              }
            });

    // When
    TransferSummary summary = run(source.store(), "a", to, "a", OPTIONS.withWorkers(2));

    // Then: each read fills a chunk, and there are as many chunks as workers.
    assertThat(summary.complete()).isTrue();
    assertThat(most.get()).isBetween(1, 2);
  }

  @Test
  void progressComesToTheTotal() throws Exception {
    for (int index = 0; index < 1_200; index++) {
      put(from, String.format("a/%04d", index), 10);
    }
    try (BucketTransfer transfer = transfer(from, "a", to, "b", OPTIONS)) {
      assertThat(transfer.progress().objectsDone()).isZero();

      transfer.run();

      TransferProgress end = transfer.progress();
      assertThat(end.objectsDone()).isEqualTo(1_200);
      assertThat(end.objectsFound()).isEqualTo(1_200);
      assertThat(end.bytesDone()).isEqualTo(12_000).isEqualTo(end.bytesFound());
      assertThat(end.allFound()).isTrue();
      assertThatThrownBy(transfer::run).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void theRateMayBeLimited() throws Exception {
    put(from, "a/0", MIB);
    put(from, "a/1", MIB);

    TransferSummary summary =
        run(from, "a", to, "b", OPTIONS.withWorkers(1).withBytesPerSecond(4 * MIB));

    assertThat(summary.duration().toMillis()).isGreaterThanOrEqualTo(100);
  }

  @Test
  void anEmptySourceIsSoonDone() throws Exception {
    TransferSummary summary = run(from, "nothing", to, "b", OPTIONS);

    assertThat(summary.complete()).isTrue();
    assertThat(summary.objectsCopied()).isZero();
  }

  private TransferPlan plan(
      ObjectStore source,
      String sourcePrefix,
      ObjectStore target,
      String targetPrefix,
      Consumer<PlannedObject> each)
      throws Exception {
    try (BucketTransfer transfer = transfer(source, sourcePrefix, target, targetPrefix, OPTIONS)) {
      return transfer.plan(each);
    }
  }

  private static TransferSummary run(
      ObjectStore source,
      String sourcePrefix,
      ObjectStore target,
      String targetPrefix,
      BucketTransferOptions options)
      throws Exception {
    try (BucketTransfer transfer = transfer(source, sourcePrefix, target, targetPrefix, options)) {
      return transfer.run();
    }
  }

  private static BucketTransfer transfer(
      ObjectStore source,
      String sourcePrefix,
      ObjectStore target,
      String targetPrefix,
      BucketTransferOptions options)
      throws TransferRefusedException {
    return new BucketTransfer(
        new BucketPrefix(source, sourcePrefix), new BucketPrefix(target, targetPrefix), options);
  }

  private static Map<String, String> prefixed(String prefix, Map<String, String> contents) {
    Map<String, String> prefixed = new TreeMap<>();
    contents.forEach((key, what) -> prefixed.put(prefix + key, what));
    return prefixed;
  }

  private static @Nullable Object silenced(@Nullable Object answer) {
    if (answer instanceof Optional<?> found
        && found.isPresent()
        && found.get() instanceof StoredObject object) {
      return Optional.of(
          new StoredObject(
              object.key(),
              object.sizeBytes(),
              Optional.empty(),
              object.etag(),
              object.lastModified(),
              object.metadata(),
              object.contentType()));
    }
    return answer;
  }
}
