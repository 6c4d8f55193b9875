package io.takhin.testkit.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.testkit.EmbeddedS3Fixture;
import io.takhin.tiered.TieredOptions;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.read.LeasedSegment;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import io.takhin.tiered.transfer.ObjectMismatchException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Archives to, and reads from, an S3 server in another process, over the network. */
@Timeout(600)
final class ArchiveScenarioIT {
  private static final Duration COLD = Duration.ofHours(1);
  private static final int SMALL = 256 << 10;
  private static final int SEVERAL_PARTS = 11 << 20;

  private final Clock clock = Clock.systemUTC();
  private ObjectStore store;
  private LogDirectory log;
  private TieredStorageManager tiers;
  private String prefix;

  @BeforeEach
  void open(@TempDir Path root) throws Exception {
    EmbeddedS3Fixture server = EmbeddedS3Fixture.shared();
    String folder = server.freshPrefix();
    prefix = folder.substring(0, folder.length() - 1); // the option wants it without the slash
    store =
        new S3Store(
            S3Options.at(server.endpoint(), server.bucket(), "us-east-1")
                .withKeys(new S3Options.StaticKeys("test", "test")));
    log = new LogDirectory(root);
    TieredOptions options =
        TieredOptions.builder(root)
            .keyPrefix(prefix)
            .warmAge(COLD)
            .coldAge(COLD)
            .archiveInterval(Duration.ofDays(1))
            .partSizeBytes(5 << 20)
            .build();
    tiers =
        TieredStorageManager.open(
            options, store, new DirectorySegments(root), new SimpleMeterRegistry(), clock);
  }

  @AfterEach
  void close() throws Exception {
    tiers.close();
    store.close();
  }

  /** Cold segments in four partitions; their digests by id. */
  private Map<SegmentId, String> sealCold(int count, int bytes) throws Exception {
    long coldMillis = clock.millis() - COLD.toMillis() * 2;
    List<SegmentMetadata> sealed = new ArrayList<>();
    Map<SegmentId, String> digests = new HashMap<>();
    for (int number = 0; number < count; number++) {
      SegmentId id = SegmentId.of("access", number % 4, number / 4 * 1000L);
      sealed.add(log.seal(id, bytes, coldMillis));
      digests.put(id, LogDirectory.digest(log.log(id)));
    }
    tiers.registerAll(sealed);
    return digests;
  }

  private String digestOf(SegmentId id) throws Exception {
    try (LeasedSegment segment = tiers.open(id, "test").get()) {
      return LogDirectory.digest(segment.files().log());
    }
  }

  private long requests(String operation) {
    return tiers.stats().traffic().requestsByOperation().getOrDefault(operation, 0L);
  }

  private long uploads() {
    return requests("put") + requests("create_multipart") + requests("put_part");
  }

  @Test
  void fiftySegmentsLeaveAndAreReadBackUnchanged() throws Exception {
    // Given cold segments, some of several parts
    Map<SegmentId, String> digests = sealCold(46, SMALL);
    long coldMillis = clock.millis() - COLD.toMillis() * 2;
    for (int number = 0; number < 4; number++) {
      SegmentId id = SegmentId.of("bulk", number, 0);
      tiers.register(log.seal(id, SEVERAL_PARTS, coldMillis));
      digests.put(id, LogDirectory.digest(log.log(id)));
    }

    // When the policy runs
    var run = tiers.runPolicy();

    // Then no file of the log is left, and no upload is pending
    assertThat(run.archived()).isEqualTo(50);
    assertThat(run.failed()).isZero();
    assertThat(log.files()).isEmpty();
    assertThat(tiers.stats().catalog().archivedSegments()).isEqualTo(50);
    assertThat(store.pendingUploads(prefix)).isEmpty();
    // and every byte comes back
    for (Map.Entry<SegmentId, String> segment : digests.entrySet()) {
      assertThat(digestOf(segment.getKey()))
          .as("digest of %s", segment.getKey())
          .isEqualTo(segment.getValue());
    }
  }

  @Test
  void restoredSegmentIsNotUploadedAgain() throws Exception {
    // Given a segment that left and came back
    SegmentId id = sealCold(1, SMALL).keySet().iterator().next();
    tiers.runPolicy();
    tiers.restore(id, "test").get();
    long uploadsBefore = uploads();

    // When the policy runs, and when it is archived by hand
    tiers.runPolicy();
    assertThat(tiers.find(id).orElseThrow().state().label()).isEqualTo("restored");
    tiers.archive(id, "test").get();

    // Then it is freed without a byte being sent
    assertThat(tiers.find(id).orElseThrow().isArchived()).isTrue();
    assertThat(uploads()).isEqualTo(uploadsBefore);
  }

  @Test
  void readersOfOneColdSegmentShareOneDownload() throws Exception {
    // Given a segment of three ranges
    Map<SegmentId, String> digests = sealCold(1, SEVERAL_PARTS);
    SegmentId id = digests.keySet().iterator().next();
    tiers.runPolicy();
    long getsBefore = requests("get");

    // When many readers come at once
    List<CompletableFuture<LeasedSegment>> readers = new ArrayList<>();
    for (int reader = 0; reader < 64; reader++) {
      readers.add(tiers.open(id, "test"));
    }

    // Then each gets the bytes, and they were fetched once: three ranges and an index
    for (CompletableFuture<LeasedSegment> reader : readers) {
      try (LeasedSegment segment = reader.get()) {
        assertThat(LogDirectory.digest(segment.files().log())).isEqualTo(digests.get(id));
      }
    }
    assertThat(requests("get") - getsBefore).isEqualTo(4);
  }

  @Test
  void objectDeletedBehindTheArchiversBackIsNoticedBeforeTheLocalFilesGo() throws Exception {
    // Given a proved copy beside the local files, and its log deleted in the bucket
    SegmentId id = sealCold(1, SMALL).keySet().iterator().next();
    String digest = LogDirectory.digest(log.log(id));
    try (LeasedSegment reader = tiers.open(id, "test").get()) {
      SegmentMetadata archived = tiers.archive(reader.files().id(), "test").get();
      assertThat(archived.state().label()).isEqualTo("archived");
    }
    store.delete(
        new ObjectKey(prefix + "/" + id.partition().directory() + "/" + FileKind.LOG.fileName(id)));

    // When the local files are to go
    assertThatThrownBy(() -> tiers.archive(id, "test").get())
        .hasCauseInstanceOf(ObjectMismatchException.class);

    // Then they stay, and the next run uploads them again
    assertThat(log.log(id)).exists();
    tiers.runPolicy();
    assertThat(log.files()).isEmpty();
    assertThat(digestOf(id)).isEqualTo(digest);
  }
}
