package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.read.LeasedSegment;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.transfer.InsufficientSpaceException;
import io.takhin.tiered.transfer.ObjectMismatchException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reading what is here, what is elsewhere, and what is just leaving. */
@Timeout(600)
final class ReadTest {
  private static final int BYTES = 3000;

  private final CountDownLatch gate = new CountDownLatch(1);
  private Site site;
  private TieredStorageManager tiers;
  private SegmentId id;

  @BeforeEach
  void open(@TempDir Path root) throws Exception {
    site = new Site(root);
    tiers = site.open();
    id = site.sealed(tiers, 0, BYTES);
  }

  @AfterEach
  void close() throws Exception {
    gate.countDown();
    site.close();
  }

  private String state(SegmentId segment) {
    return tiers.find(segment).orElseThrow().state().label();
  }

  /** Requests of the kind for the key wait for the gate. */
  private void hold(StoreOperation held, String keyPart) {
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) {
            if (op == held && key.contains(keyPart)) {
              passGate();
            }
          }
        });
  }

  private void passGate() {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void readersOfOneColdSegmentCauseOneDownload() throws Exception {
    // Given many readers who come while the first one's restore is under way
    await(tiers.archive(id, "test"));
    site.store.resetRequests();
    hold(StoreOperation.GET, ".log");
    List<CompletableFuture<LeasedSegment>> readers = new ArrayList<>();
    for (int reader = 0; reader < 100; reader++) {
      readers.add(tiers.open(id, "test"));
    }
    assertThat(readers).noneMatch(CompletableFuture::isDone);

    // When it ends
    gate.countDown();

    // Then each has the files, each file was fetched once, and nothing can free them
    for (CompletableFuture<LeasedSegment> reader : readers) {
      assertThat(await(reader).files().log()).hasBinaryContent(content(id, BYTES));
    }
    assertThat(site.store.requests(StoreOperation.GET)).isEqualTo(3);
    readers.subList(1, readers.size()).forEach(reader -> reader.join().close());
    assertThatThrownBy(() -> await(tiers.archive(id, "test"))).hasMessageContaining("reader");
    readers.get(0).join().close();
    assertThat(await(tiers.archive(id, "test")).isArchived()).isTrue();
  }

  @Test
  void failedRestoreFailsItsWaitersAndTheNextCallStartsAnew() throws Exception {
    await(tiers.archive(id, "test"));
    site.store.refuse(StoreOperation.GET, ".log");
    CompletableFuture<LeasedSegment> one = tiers.open(id, "test");
    CompletableFuture<LeasedSegment> two = tiers.open(id, "test");
    assertThatThrownBy(() -> await(one)).isInstanceOf(StoreException.Unavailable.class);
    assertThatThrownBy(() -> await(two)).isInstanceOf(StoreException.Unavailable.class);
    assertThat(Site.files(site.root)).isEmpty();
    assertThat(state(id)).isEqualTo("remoteonly");

    site.store.heal();

    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
    assertThat(site.count("tiered.storage.restore.operations", "failure")).isPositive();
    assertThat(site.count("tiered.storage.restore.operations", "success")).isEqualTo(1);
  }

  @Test
  void fullDiskIsFoundBeforeTheDownload() throws Exception {
    // Given a disk with one byte too few
    await(tiers.archive(id, "test"));
    tiers.close();
    AtomicLong usable = new AtomicLong(BYTES + 80 + 24 - 1);
    tiers = site.open(options -> options, new Seams(StepObserver.NONE, directory -> usable.get()));
    site.store.resetRequests();

    // When the segment is read
    assertThatThrownBy(() -> read(tiers, id))
        .isInstanceOf(InsufficientSpaceException.class)
        .hasMessageContaining("required_bytes=3104")
        .hasMessageContaining("available_bytes=3103");

    // Then nothing was downloaded or left, and there being room, it is served
    assertThat(site.store.requests(StoreOperation.GET)).isZero();
    assertThat(Site.files(site.root)).isEmpty();
    usable.incrementAndGet();
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
  }

  @Test
  void alteredObjectIsNotServedAndOthersAre() throws Exception {
    SegmentId good = site.sealed(tiers, 100, BYTES);
    await(tiers.archive(id, "test"));
    await(tiers.archive(good, "test"));
    ByteBuffer other = ByteBuffer.allocate(BYTES);
    site.bucket.put(
        tiers.find(id).orElseThrow().objectKey().orElseThrow(),
        other,
        Crc32c.of(other),
        PutOptions.BINARY);

    assertThatThrownBy(() -> read(tiers, id))
        .isInstanceOf(ObjectMismatchException.class)
        .hasMessageContaining("00000000000000000000.log");

    assertThat(read(tiers, good)).isEqualTo(content(good, BYTES));
    assertThat(Site.files(site.root)).noneMatch(file -> file.contains("00000000000000000000"));
  }

  /** Tells of a free that is about to happen, and has it wait for the gate. */
  private StepObserver holdingFrees(CountDownLatch freeing) {
    return new StepObserver() {
      @Override
      public void before(DurableStep step, SegmentId segment) {
        if (step == DurableStep.FREE_LOCAL_FILES) {
          freeing.countDown();
          passGate();
        }
      }

      @Override
      public void after(DurableStep step, SegmentId segment) {}
    };
  }

  @Test
  void readerWhoComesWhileTheFilesAreFreedGetsThemRestored() throws Exception {
    // Given a segment whose files are about to go
    await(tiers.archive(id, "test"));
    await(tiers.restore(id, "test"));
    tiers.close();
    CountDownLatch freeing = new CountDownLatch(1);
    tiers = site.open(options -> options, Site.steps(holdingFrees(freeing)));
    var reclaim = tiers.archive(id, "test");
    freeing.await();

    // When a reader comes
    CompletableFuture<LeasedSegment> reader = tiers.open(id, "test");
    assertThat(tiers.leaseLocal(id)).isEmpty();
    assertThat(reader).isNotDone();
    gate.countDown();

    // Then the files go, and come back for the reader
    assertThat(await(reclaim).isArchived()).isTrue();
    try (LeasedSegment segment = await(reader)) {
      assertThat(segment.files().log()).hasBinaryContent(content(id, BYTES));
    }
  }

  @Test
  void readerWhoComesWhileAFreeFailsGetsTheFilesThatStayed() throws Exception {
    await(tiers.archive(id, "test"));
    await(tiers.restore(id, "test"));
    CountDownLatch asked = new CountDownLatch(1);
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.HEAD && key.endsWith(".log")) {
              asked.countDown();
              passGate();
              throw new StoreException.Unavailable("injected: down", null);
            }
          }
        });
    var reclaim = tiers.archive(id, "test");
    asked.await();
    CompletableFuture<LeasedSegment> reader = tiers.open(id, "test");
    gate.countDown();

    assertThatThrownBy(() -> await(reclaim)).isInstanceOf(StoreException.Unavailable.class);
    try (LeasedSegment segment = await(reader)) {
      assertThat(segment.files().log()).hasBinaryContent(content(id, BYTES));
    }
  }

  @Test
  void readerWhoGaveUpHoldsNothing() throws Exception {
    await(tiers.archive(id, "test"));
    hold(StoreOperation.GET, ".log");
    CompletableFuture<LeasedSegment> impatient = tiers.open(id, "test");
    impatient.cancel(true);

    gate.countDown();
    await(tiers.restore(id, "test"));

    Awaitility.await().untilAsserted(() -> await(tiers.archive(id, "test")));
    assertThat(state(id)).isEqualTo("remoteonly");
  }

  @Test
  void filesDeletedBySomebodyElseAreRestoredWhenTheBucketHasThem() throws Exception {
    try (LeasedSegment reader = await(tiers.open(id, "test"))) {
      await(tiers.archive(id, "test"));
      Files.delete(reader.files().log());
    }
    assertThat(state(id)).isEqualTo("archived");

    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));

    assertThat(state(id)).isEqualTo("restored");
  }

  @Test
  void leaseOnLocalFilesKeepsThem() throws Exception {
    try (var lease = tiers.leaseLocal(id).orElseThrow()) {
      assertThat(lease.id()).isEqualTo(id);
      assertThat(await(tiers.archive(id, "test")).state().label()).isEqualTo("archived");
    }
    await(tiers.archive(id, "test"));
    assertThat(tiers.leaseLocal(id)).isEmpty();
  }

  @Test
  void leastRecentlyReadSegmentsLeaveACacheThatIsOverItsBudget() throws Exception {
    // Given a cache for two segments
    tiers.close();
    tiers = site.open(options -> options.localCacheBytes(2 * BYTES), Seams.NONE);
    SegmentId second = site.sealed(tiers, 100, BYTES);
    SegmentId third = site.sealed(tiers, 200, BYTES);
    for (SegmentId segment : List.of(id, second, third)) {
      await(tiers.archive(segment, "test"));
    }
    read(tiers, id);
    site.clock.advance(Duration.ofSeconds(10));
    read(tiers, second);
    site.clock.advance(Duration.ofSeconds(10));
    read(tiers, id);
    site.clock.advance(Duration.ofSeconds(10));

    // When a third is read
    assertThat(read(tiers, third)).isEqualTo(content(third, BYTES));

    // Then the one that was not read for the longest time goes
    Awaitility.await().until(() -> state(second).equals("remoteonly"));
    assertThat(state(id)).isEqualTo("restored");
    assertThat(state(third)).isEqualTo("restored");
  }

  @Test
  void segmentLargerThanTheWholeCacheIsServedAndThenGoes() throws Exception {
    tiers.close();
    tiers = site.open(options -> options.localCacheBytes(1), Seams.NONE);
    await(tiers.archive(id, "test"));

    try (LeasedSegment segment = await(tiers.open(id, "test"))) {
      tiers.runPolicy();
      assertThat(segment.files().log()).hasBinaryContent(content(id, BYTES));
    }
    tiers.runPolicy();

    assertThat(state(id)).isEqualTo("remoteonly");
    assertThat(Site.files(site.root)).isEmpty();
  }
}
