package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Starting, stopping, deleting, and running without a store. */
@Timeout(600)
final class OperationTest {
  private static final int BYTES = 3000;

  private Site site;

  @BeforeEach
  void open(@TempDir Path root) {
    site = new Site(root);
  }

  @AfterEach
  void close() throws Exception {
    site.store.heal();
    site.close();
  }

  @Test
  void storeThatIsDownAtTheStartDoesNotKeepLocalSegmentsFromBeingRead() throws Exception {
    // Given one local segment, and one whose upload was broken off
    TieredStorageManager before = site.open();
    SegmentId local = site.sealed(before, 0, BYTES);
    SegmentId broken = site.sealed(before, 100, BYTES);
    site.store.inject(
        new Fault() {
          private volatile boolean down;

          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            down |= op == StoreOperation.PUT && key.endsWith("100.log");
            if (down) {
              throw new StoreException.Unavailable("injected: down", null);
            }
          }
        });
    assertThatThrownBy(() -> await(before.archive(broken, "test")))
        .isInstanceOf(StoreException.Unavailable.class);
    before.close();

    // When the manager is opened while the store is down
    TieredStorageManager after = site.open();

    // Then both are served, and the health says what is wrong
    assertThat(read(after, local)).isEqualTo(content(local, BYTES));
    assertThat(read(after, broken)).isEqualTo(content(broken, BYTES));
    after.runPolicy();
    assertThat(after.stats().unfinished()).isEqualTo(1);
    assertThat(after.stats().store().reachable()).isFalse();
    assertThat(after.stats().store().lastError()).contains("injected: down");

    // When it is back, a pass settles what was broken off
    site.store.heal();
    after.runPolicy();
    assertThat(after.stats().unfinished()).isZero();
    assertThat(after.stats().store().reachable()).isTrue();
    assertThat(after.find(broken).orElseThrow().state().label()).isEqualTo("local");
    assertThat(site.keys()).isEmpty();
  }

  @Test
  void closingEndsARunningUploadAndTheNextStartContinues() throws Exception {
    // Given an upload that hangs in a part
    TieredStorageManager before = site.open();
    SegmentId id = site.sealed(before, 0, 12 << 20);
    CountDownLatch hanging = new CountDownLatch(1);
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.PUT_PART) {
              hanging.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreException.Unavailable("interrupted", e);
              }
            }
          }
        });
    var upload = before.archive(id, "test");
    hanging.await();

    // When the manager is closed
    long begin = System.nanoTime();
    before.close();

    // Then that is prompt, the caller is told, and no parts stay in the bucket
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(9));
    assertThatThrownBy(() -> await(upload)).isInstanceOf(Exception.class);
    assertThat(site.bucket.pendingUploads("")).isEmpty();
    site.store.heal();
    TieredStorageManager after = site.open();
    assertThat(await(after.archive(id, "test")).isArchived()).isTrue();
  }

  @Test
  void nothingIsAcceptedAfterTheClose() throws Exception {
    TieredStorageManager tiers = site.open();
    SegmentId id = site.sealed(tiers, 0, BYTES);
    tiers.close();

    assertThatThrownBy(() -> await(tiers.archive(id, "test"))).hasMessageContaining("closing");
  }

  @Test
  void deletedPartitionCannotBeReadAndItsObjectsGo() throws Exception {
    // Given a partition with a local, a remote and a restored segment, and another partition
    TieredStorageManager tiers = site.open();
    SegmentId local = site.sealed(tiers, 0, BYTES);
    SegmentId remote = site.sealed(tiers, 100, BYTES);
    SegmentId restored = site.sealed(tiers, 200, BYTES);
    await(tiers.archive(remote, "test"));
    await(tiers.archive(restored, "test"));
    await(tiers.restore(restored, "test"));
    SegmentId other = SegmentId.of("orders", 1, 0);
    tiers.register(site.write(other, BYTES));
    await(tiers.archive(other, "test"));

    // When it is deleted while the store is down
    site.store.goDown();
    await(tiers.deletePartition(local.partition()));

    // Then none of it can be read any more
    for (SegmentId id : new SegmentId[] {remote, restored}) {
      assertThatThrownBy(() -> await(tiers.open(id, "test")))
          .isInstanceOf(CatalogException.UnknownSegment.class);
    }
    assertThat(tiers.find(local)).isEmpty();
    assertThat(tiers.isDeleting("orders")).isTrue();

    // When the store is back after a restart
    tiers.close();
    site.store.heal();
    TieredStorageManager after = site.open();

    // Then its objects go, and only they
    Awaitility.await().until(() -> !after.isDeleting("orders"));
    assertThat(after.segments(local.partition())).isEmpty();
    assertThat(site.bucket.list("cluster/orders-0/", null, 10)).isEmpty();
    assertThat(read(after, other)).isEqualTo(content(other, BYTES));
    assertThat(after.stats().unfinished()).isZero();
  }

  @Test
  void deletingAnUnknownPartitionSucceeds() throws Exception {
    TieredStorageManager tiers = site.open();

    await(tiers.deletePartition(SegmentId.of("none", 0, 0).partition()));

    assertThat(tiers.isDeleting("none")).isFalse();
  }

  @Test
  void leftoversOfRestoresAreRemovedAtTheStart() throws Exception {
    // Given a temporary file, a restored file nobody records, and a file that is not ours
    TieredStorageManager before = site.open();
    SegmentId remote = site.sealed(before, 0, BYTES);
    await(before.archive(remote, "test"));
    before.close();
    Path directory = Files.createDirectories(site.root.resolve(".restored/orders-0"));
    Files.writeString(directory.resolve("00000000000000000000.log.part-abc"), "half");
    Files.writeString(directory.resolve("00000000000000000000.index"), "left");
    Files.writeString(directory.resolve("notes.txt"), "mine");

    // When the manager is opened
    TieredStorageManager after = site.open();

    // Then what is ours is gone, and the segment is restored whole
    assertThat(Site.files(site.root)).containsExactly(".restored/orders-0/notes.txt");
    assertThat(read(after, remote)).isEqualTo(content(remote, BYTES));
  }

  @Test
  void gaugesShowTiersAndTheAgeOfWhatIsOnlyHere() throws Exception {
    TieredStorageManager tiers = site.open();
    SegmentId id = site.sealed(tiers, 0, BYTES);
    site.clock.advance(Duration.ofMinutes(5));
    assertThat(site.meters.get("tiered.storage.segments").tag("policy", "hot").gauge().value())
        .isEqualTo(1);
    String age = "tiered.storage.oldest_unarchived_age_seconds";
    assertThat(site.meters.get(age).gauge().value()).isEqualTo(300);

    await(tiers.archive(id, "test"));

    assertThat(site.meters.get(age).gauge().value()).isZero();
    assertThat(site.meters.get("tiered.storage.segments").tag("policy", "cold").gauge().value())
        .isEqualTo(1);
    assertThat(site.meters.get("tiered.storage.archived.bytes").counter().count()).isEqualTo(BYTES);
    tiers.close();
    assertThat(site.meters.find(age).gauge()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "partSizeBytes, 1048576",
    "localCacheBytes, -1",
    "archiveParallelism, 0",
    "restoreParallelism, 257",
    "maxQueuedOperations, 0"
  })
  void invalidOptionIsNamedWithItsValue(String option, long value) {
    TieredOptions.Builder builder = TieredOptions.builder(site.root);
    int number = Math.toIntExact(value);
    switch (option) {
      case "partSizeBytes" -> builder.partSizeBytes(value);
      case "localCacheBytes" -> builder.localCacheBytes(value);
      case "archiveParallelism" -> builder.archiveParallelism(number);
      case "restoreParallelism" -> builder.restoreParallelism(number);
      default -> builder.maxQueuedOperations(number);
    }

    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(option)
        .hasMessageContaining("got " + value);
  }
}
