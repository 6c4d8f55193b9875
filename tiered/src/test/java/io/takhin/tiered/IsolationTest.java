package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.FaultyStore.Fault;
import io.takhin.tiered.archive.InvalidManifestException;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.QuarantineEntry;
import io.takhin.tiered.catalog.QuarantineStage;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.LocalSegments;
import io.takhin.tiered.segment.SegmentFiles;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One segment that cannot move stops no other, is set apart with its reason, and is retried. */
final class IsolationTest {
  private static final int BYTES = 3000;
  private static final int ATTEMPTS = 3;

  /** Longer than any wait between two of so few attempts. */
  private static final Duration A_DAY = Duration.ofDays(1);

  private Site site;
  private TieredStorageManager tiers;
  private long nextOffset;

  @BeforeEach
  void open(@TempDir Path root) throws Exception {
    site = new Site(root);
    tiers = open(new DirectorySegments(root));
  }

  @AfterEach
  void close() throws Exception {
    site.close();
  }

  private TieredStorageManager open(LocalSegments local) throws Exception {
    return site.open(
        site.options().archiveAttempts(ATTEMPTS).archiveParallelism(2).build(), local, Seams.NONE);
  }

  private SegmentId sealed() throws Exception {
    SegmentId id = site.sealed(tiers, nextOffset, BYTES);
    nextOffset += 100;
    return id;
  }

  private String state(SegmentId id) {
    return tiers.find(id).orElseThrow().state().label();
  }

  private QuarantineEntry entry(SegmentId id) {
    return tiers.quarantine().find(id).orElseThrow();
  }

  /** A day passes, another segment is sealed and due, and the policy runs. */
  private SegmentId nextDay() throws Exception {
    SegmentId fresh = sealed();
    site.clock.advance(A_DAY);
    tiers.runPolicy();
    return fresh;
  }

  private void reject(String keyPart) {
    fail(keyPart, new AtomicInteger(), new StoreException.Rejected("injected: 403", null));
  }

  private void fail(String keyPart, AtomicInteger count, StoreException failure) {
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.PUT && key.contains(keyPart) && !key.contains(".takhin/")) {
              count.incrementAndGet();
              throw failure;
            }
          }
        });
  }

  @Test
  void aRefusedObjectIsTheSegmentsOwnTroubleAndOthersGoOn() throws Exception {
    // Given one segment whose objects the store refuses
    SegmentId refused = sealed();
    reject(refused.fileStem());

    // When days pass on which others become due
    for (int day = 1; day <= ATTEMPTS; day++) {
      assertThat(state(nextDay())).as("another on day %d", day).isEqualTo("remoteonly");
    }

    // Then it is set apart with its reason, is served from here, and shows in the gauges
    assertThat(site.store.fired()).isEqualTo(ATTEMPTS);
    assertThat(entry(refused).isQuarantined()).isTrue();
    assertThat(entry(refused).stage()).isEqualTo(QuarantineStage.ARCHIVE);
    assertThat(entry(refused).attempts()).isEqualTo(ATTEMPTS);
    assertThat(entry(refused).reason()).contains("injected: 403");
    assertThat(tiers.quarantine().list()).hasSize(1);
    assertThat(read(tiers, refused)).isEqualTo(content(refused, BYTES));
    assertThat(gauge("tiered.storage.oldest_unarchived_age_seconds"))
        .isEqualTo((double) A_DAY.multipliedBy(ATTEMPTS).toSeconds());
    assertThat(
            site.meters
                .get("tiered.storage.quarantined.segments")
                .tag("stage", "archive")
                .gauge()
                .value())
        .isEqualTo(1);
    assertThat(tiers.stats().quarantined()).containsEntry(QuarantineStage.ARCHIVE, 1);

    // and is left alone
    nextDay();
    nextDay();
    assertThat(site.store.fired()).isEqualTo(ATTEMPTS);

    // until somebody asks
    site.store.heal();
    assertThat(tiers.quarantine().retry(refused)).isTrue();
    Awaitility.await().until(() -> state(refused).equals("remoteonly"));
    assertThat(tiers.quarantine().list()).isEmpty();
    assertThat(tiers.quarantine().retry(refused)).isFalse();
    assertThat(gauge("tiered.storage.oldest_unarchived_age_seconds")).isZero();
  }

  private double gauge(String name) {
    return site.meters.get(name).gauge().value();
  }

  @Test
  void aQuarantineOutlivesARestart() throws Exception {
    SegmentId refused = sealed();
    reject(refused.fileStem());
    for (int day = 1; day <= ATTEMPTS; day++) {
      nextDay();
    }
    QuarantineEntry before = entry(refused);
    tiers.close();

    tiers = open(new DirectorySegments(site.root));
    nextDay();

    assertThat(entry(refused)).isEqualTo(before);
    assertThat(site.store.fired()).isEqualTo(ATTEMPTS);
  }

  @Test
  void aStoreThatIsDownQuarantinesNobodyAndIsNotStormed() throws Exception {
    for (int i = 0; i < 50; i++) {
      sealed();
    }
    site.store.goDown();
    for (int day = 0; day < 2 * ATTEMPTS; day++) {
      int before = site.store.fired();
      nextDay();
      // A few attempts at the same time, a few requests each, and one to learn that it is down.
      assertThat(site.store.fired() - before).isBetween(1, 30);
    }
    assertThat(tiers.quarantine().list()).isEmpty();

    site.store.heal();
    nextDay();
    assertThat(tiers.stats().catalog().localBytes()).isZero();
  }

  @Test
  void aStoreThatTakesNothingButAnswersQuarantinesNobody() throws Exception {
    // Given a store that answers questions and refuses whatever it is sent
    for (int i = 0; i < 50; i++) {
      sealed();
    }
    AtomicInteger sent = new AtomicInteger();
    fail("", sent, new StoreException.Unavailable("injected: 503", null));
    for (int day = 0; day < 2 * ATTEMPTS; day++) {
      int before = sent.get();
      nextDay();
      assertThat(sent.get() - before).isBetween(1, 8);
    }

    // Then segments wait, and none is given up
    assertThat(tiers.quarantine().list()).isNotEmpty().noneMatch(QuarantineEntry::isQuarantined);

    // and when it takes what it is sent, all go
    site.store.heal();
    for (int day = 0; day < 3; day++) {
      nextDay();
    }
    assertThat(tiers.stats().catalog().localBytes()).isZero();
    assertThat(tiers.quarantine().list()).isEmpty();
  }

  @Test
  void attemptsAtASegmentAreSpaced() throws Exception {
    SegmentId refused = sealed();
    AtomicInteger attempts = new AtomicInteger();
    fail(refused.fileStem(), attempts, new StoreException.Corrupt("injected", null));
    site.clock.advance(Duration.ofHours(3));
    for (int pass = 0; pass < 60; pass++) {
      tiers.runPolicy();
      site.clock.advance(Duration.ofMinutes(1));
    }
    // Two at once, the third after the first wait, which is an hour here.
    assertThat(attempts).hasValue(2);
    site.clock.advance(Duration.ofMinutes(1));
    tiers.runPolicy();
    assertThat(attempts).hasValue(3);
    assertThat(entry(refused).isQuarantined()).isTrue();
  }

  @Test
  void anUnreadableFileStopsNoOther() throws Exception {
    SegmentId unreadable = sealed();
    AtomicInteger asked = new AtomicInteger();
    tiers.close();
    DirectorySegments disk = new DirectorySegments(site.root);
    tiers =
        open(
            new LocalSegments() {
              @Override
              public SegmentFiles locate(SegmentId id) throws IOException {
                if (id.equals(unreadable)) {
                  asked.incrementAndGet();
                  throw new IOException("injected: Input/output error: file=" + id);
                }
                return disk.locate(id);
              }

              @Override
              public boolean free(SegmentId id) throws IOException {
                return disk.free(id);
              }
            });
    for (int day = 1; day <= ATTEMPTS; day++) {
      assertThat(state(nextDay())).isEqualTo("remoteonly");
    }
    assertThat(asked).hasValueGreaterThanOrEqualTo(ATTEMPTS);
    assertThat(entry(unreadable).isQuarantined()).isTrue();
    assertThat(entry(unreadable).reason()).contains("Input/output error");
  }

  @Test
  void aFileOfAnotherSizeIsQuarantinedAndNothingIsSent() throws Exception {
    SegmentId grown = sealed();
    Files.write(site.localLog(grown), content(grown, BYTES + 1));
    for (int day = 1; day <= ATTEMPTS; day++) {
      nextDay();
    }
    assertThat(entry(grown).isQuarantined()).isTrue();
    assertThat(entry(grown).reason()).contains("registered_bytes=" + BYTES);
    assertThat(site.keys()).noneMatch(key -> key.startsWith(grown.fileStem()));
  }

  @Test
  void anUnreadableManifestStopsNoOtherAndItsSegmentCanBeDeleted() throws Exception {
    // Given two attempts that were broken off, and something else at the manifest of one
    SegmentId broken = sealed();
    SegmentId other = SegmentId.of("payments", 0, 0);
    tiers.register(site.write(other, BYTES));
    for (SegmentId id : List.of(broken, other)) {
      breakOff(id);
    }
    ByteBuffer noManifest = ByteBuffer.wrap("{}".getBytes(StandardCharsets.UTF_8));
    ObjectKey key = new ObjectKey("cluster/orders-0/" + broken.fileStem() + ".manifest.json");
    site.bucket.put(key, noManifest, Crc32c.of(noManifest), PutOptions.BINARY);

    // When passes go on
    for (int day = 1; day <= ATTEMPTS; day++) {
      site.clock.advance(A_DAY);
      tiers.runPolicy();
    }

    // Then the other is settled and archived, and the one is set apart
    assertThat(state(other)).isEqualTo("remoteonly");
    assertThat(state(broken)).isEqualTo("uploading");
    assertThat(entry(broken).isQuarantined()).isTrue();
    assertThat(entry(broken).reason()).contains("unreadable manifest").contains(key.value());
    assertThat(read(tiers, broken)).isEqualTo(content(broken, BYTES));
    assertThatThrownBy(() -> await(tiers.archive(broken, "test")))
        .isInstanceOf(InvalidManifestException.class);

    // and can be deleted
    await(tiers.deletePartition(broken.partition()));
    assertThat(tiers.find(broken)).isEmpty();
    assertThat(tiers.quarantine().list()).isEmpty();
    assertThat(site.bucket.list("cluster/orders-0/", null, 10)).isEmpty();
  }

  private void breakOff(SegmentId id) throws Exception {
    site.store.inject(
        new Fault() {
          private volatile boolean down;

          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            down |=
                op == StoreOperation.PUT && key.contains("/" + id.partition().directory() + "/");
            if (down) {
              throw new StoreException.Unavailable("injected: down", null);
            }
          }
        });
    assertThatThrownBy(() -> await(tiers.archive(id, "test")))
        .isInstanceOf(StoreException.Unavailable.class);
    assertThat(site.store.fired()).isPositive();
    site.store.heal();
    assertThat(state(id)).isEqualTo("uploading");
    site.clock.advance(Duration.ofMinutes(1));
  }

  @Test
  void whileOneUploadIsStuckOthersGoOnAndItsPlaceComesFree() throws Exception {
    // Given an upload of which no byte moves, until the adapter's watchdog ends it
    SegmentId stuck = sealed();
    CountDownLatch watchdog = new CountDownLatch(1);
    CountDownLatch hanging = new CountDownLatch(1);
    site.store.inject(
        new Fault() {
          @Override
          public void before(StoreOperation op, String key) throws StoreException {
            if (op == StoreOperation.PUT && key.contains(stuck.fileStem())) {
              hanging.countDown();
              try {
                watchdog.await(3, TimeUnit.MINUTES);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              throw new StoreException.Unavailable("injected: no answer in time", null);
            }
          }
        });
    CompletableFuture<SegmentMetadata> upload = tiers.archive(stuck, "test");
    assertThat(hanging.await(3, TimeUnit.MINUTES)).isTrue();

    // When others are archived meanwhile
    SegmentId first = sealed();
    SegmentId second = sealed();
    assertThat(await(tiers.archive(first, "test")).isArchived()).isTrue();
    assertThat(await(tiers.archive(second, "test")).isArchived()).isTrue();
    assertThat(upload).isNotDone();

    // Then it ends, is noted, and both places serve others
    watchdog.countDown();
    assertThatThrownBy(() -> await(upload)).isInstanceOf(StoreException.Unavailable.class);
    assertThat(entry(stuck).reason()).contains("no answer in time");
    List<SegmentId> more = List.of(sealed(), sealed(), sealed());
    for (SegmentId id : more) {
      assertThat(await(tiers.archive(id, "test")).isArchived()).isTrue();
    }
    assertThat(state(stuck)).isEqualTo("local");
  }

  @Test
  void aCatalogIsClosedIfThePartsCannotBeMade() throws Exception {
    // Given a note that nobody understands
    tiers.close();
    sql("INSERT INTO note (kind, key, body) VALUES ('quarantine', 'x', 'no JSON')");
    assertThatThrownBy(() -> open(new DirectorySegments(site.root)))
        .isInstanceOf(CatalogException.Unwritable.class)
        .hasMessageContaining("note kind=quarantine key=x");

    // When it is repaired, the catalog is not still held by the start that failed
    sql("DELETE FROM note WHERE key = 'x'");
    tiers = open(new DirectorySegments(site.root));
    assertThat(tiers.partitions()).isEmpty();
  }

  private void sql(String statement) throws SQLException {
    Path file = site.root.resolve(".catalog").resolve("segments.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement open = connection.createStatement()) {
      open.execute(statement);
    }
  }
}
