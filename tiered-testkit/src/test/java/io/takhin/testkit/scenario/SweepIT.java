package io.takhin.testkit.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.testkit.EmbeddedS3Fixture;
import io.takhin.tiered.Sweeps.Sweep;
import io.takhin.tiered.TieredOptions;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.rebuild.CatalogRebuild;
import io.takhin.tiered.rebuild.RebuildOptions;
import io.takhin.tiered.rebuild.RebuildReport;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.ObjectStore.Multipart;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sweeps and rebuilds against a server, whose clock, ETags and times are its own. */
@Timeout(600)
final class SweepIT {
  private static final int BYTES = 64 << 10;
  private static final SegmentId ID = SegmentId.of("orders", 0, 0);

  private final Clock clock = Clock.systemUTC();
  private ObjectStore store;
  private String prefix;
  private Path root;
  private TieredStorageManager tiers;
  private LogDirectory log;

  @BeforeEach
  void open(@TempDir Path directory) throws Exception {
    root = directory;
    EmbeddedS3Fixture server = EmbeddedS3Fixture.shared();
    String folder = server.freshPrefix();
    prefix = folder.substring(0, folder.length() - 1);
    store =
        new S3Store(
            S3Options.at(server.endpoint(), server.bucket(), "us-east-1")
                .withKeys(new S3Options.StaticKeys("test", "test")));
    log = new LogDirectory(root);
    tiers = open(Duration.ZERO);
    tiers.register(log.seal(ID, BYTES, clock.millis()));
    assertThat(tiers.archive(ID, "test").get().isArchived()).isTrue();
  }

  private TieredStorageManager open(Duration grace) throws Exception {
    TieredOptions options =
        TieredOptions.builder(root)
            .keyPrefix(prefix)
            .archiveInterval(Duration.ofDays(1))
            .sweepGrace(grace)
            .build();
    return TieredStorageManager.open(
        options, store, new DirectorySegments(root), new SimpleMeterRegistry(), clock);
  }

  @AfterEach
  void close() throws Exception {
    tiers.close();
    store.close();
  }

  private ObjectKey put(String below) throws Exception {
    ObjectKey key = new ObjectKey(prefix + "/" + below);
    ByteBuffer body = ByteBuffer.wrap(new byte[100]);
    store.put(key, body, Crc32c.of(body), PutOptions.BINARY);
    return key;
  }

  @Test
  void whatNothingNamesGoesAndTheRestStays() throws Exception {
    ObjectKey stray = put("orders-0/00000000000000005000.log");
    ObjectKey foreign = put("orders-0/readme.txt");
    Multipart unfinished =
        store.startMultipart(
            new ObjectKey(prefix + "/orders-0/00000000000000006000.log"), PutOptions.BINARY);

    Sweep sweep = tiers.sweeper().sweep().get();

    assertThat(sweep.result().removedObjects()).as(sweep.toString()).isEqualTo(1);
    assertThat(sweep.result().abortedUploads()).as(sweep.toString()).isEqualTo(1);
    assertThat(store.head(stray)).isEmpty();
    assertThat(store.head(foreign)).isPresent();
    assertThat(store.pendingUploads(prefix)).doesNotContain(unfinished.upload());
    SegmentMetadata restored = tiers.restore(ID, "test").get();
    assertThat(restored.state().label()).isEqualTo("restored");
    store.delete(foreign);
  }

  @Test
  void theGraceIsThatOfTheServersClock() throws Exception {
    ObjectKey stray = put("orders-0/00000000000000005000.log");
    tiers.close();
    tiers = open(Duration.ofHours(1));

    Sweep sweep = tiers.sweeper().sweep().get();

    assertThat(sweep.plan().young()).isEqualTo(1);
    assertThat(sweep.result().removedObjects()).isZero();
    assertThat(store.head(stray)).isPresent();
    store.delete(stray);
  }

  @Test
  void aCatalogIsRebuiltFromTheServersListing(@TempDir Path fresh) throws Exception {
    RebuildOptions options = RebuildOptions.fromBucketAlone(prefix);
    Path catalogFile = TieredOptions.builder(fresh).build().catalogFile();

    RebuildReport report;
    try (CatalogRebuild rebuild = CatalogRebuild.begin(store, options, catalogFile)) {
      report = rebuild.fill();
      rebuild.place();
    }

    assertThat(report.segments()).isEqualTo(1);
    assertThat(report.problems()).isEmpty();
  }
}
