package io.takhin.tiered;

import static io.takhin.tiered.Site.await;
import static io.takhin.tiered.Site.content;
import static io.takhin.tiered.Site.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.transfer.Purpose.Priority;
import io.takhin.tiered.transfer.TransferCancelledException;
import io.takhin.tiered.transfer.TransferStatus;
import io.takhin.tiered.transfer.TransferStatus.Direction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an embedder sees of transfers, and does about them. */
@Timeout(600)
final class TransferControlTest {
  private static final int PART_BYTES = 5 << 20;
  private static final int BYTES = 2 * PART_BYTES; // equal ones, because either may be the first
  private static final long CRAWL_BYTES_PER_SECOND = 1024; // hours for the second part

  private Site site;
  private TieredStorageManager tiers;
  private SegmentId id;

  @BeforeEach
  void open(@TempDir Path root) throws Exception {
    site = new Site(root);
    tiers =
        site.open(
            options ->
                options
                    .uploadLimitBytesPerSecond(CRAWL_BYTES_PER_SECOND)
                    .downloadLimitBytesPerSecond(CRAWL_BYTES_PER_SECOND),
            Seams.NONE);
    id = site.sealed(tiers, 0, BYTES);
  }

  @AfterEach
  void close() throws Exception {
    site.close();
  }

  @Test
  void limitsBeginAsTheOptionsSayAndAreTakenOffATransferThatIsUnderWay() throws Exception {
    // Given an archive that crawls
    assertThat(tiers.limits().uploadBytesPerSecond()).isEqualTo(CRAWL_BYTES_PER_SECOND);
    CompletableFuture<SegmentMetadata> archive = tiers.archive(id, "test");
    TransferStatus transfer = crawling(PART_BYTES);
    assertThat(transfer.direction()).isEqualTo(Direction.UPLOAD);
    assertThat(transfer.doneBytes()).isEqualTo(PART_BYTES);
    assertThat(transfer.totalBytes()).isEqualTo(BYTES);
    assertThat(transfer.purpose().priority()).isEqualTo(Priority.BACKGROUND);

    // When
    tiers.limits().setUpload(0);

    // Then
    assertThat(await(archive).isArchived()).isTrue();
    assertThat(tiers.transfers()).isEmpty();
  }

  @Test
  void cancelledArchiveLeavesTheSegmentLocalAndNothingInTheBucket() throws Exception {
    // Given
    CompletableFuture<SegmentMetadata> archive = tiers.archive(id, "test");
    TransferStatus transfer = crawling(PART_BYTES);

    // When
    assertThat(tiers.cancelTransfer(transfer.id())).isTrue();

    // Then
    assertThatThrownBy(() -> archive.get(3, TimeUnit.MINUTES))
        .hasCauseInstanceOf(TransferCancelledException.class);
    assertThat(tiers.transfers()).isEmpty();
    assertThat(tiers.cancelTransfer(transfer.id())).isFalse();
    assertThat(site.bucket.pendingUploads("")).isEmpty();
    assertThat(site.keys()).isEmpty();
    assertThat(tiers.find(id).orElseThrow().state().label()).isEqualTo("local");
    assertThat(site.localLog(id)).hasBinaryContent(content(id, BYTES));
  }

  @Test
  void cancelledRestoreLeavesNothingOnTheDiskAndTheNextOneBringsEveryByte() throws Exception {
    // Given a restore that crawls
    tiers.limits().setUpload(0);
    await(tiers.archive(id, "test"));
    CompletableFuture<SegmentMetadata> restore = tiers.restore(id, "test");
    TransferStatus transfer = crawling(1);
    assertThat(transfer.direction()).isEqualTo(Direction.DOWNLOAD);
    assertThat(transfer.purpose().priority()).isEqualTo(Priority.FOREGROUND);

    // When
    assertThat(tiers.cancelTransfer(transfer.id())).isTrue();

    // Then
    assertThatThrownBy(() -> restore.get(3, TimeUnit.MINUTES))
        .hasCauseInstanceOf(TransferCancelledException.class);
    assertThat(Site.files(site.root.resolve(".restored"))).isEmpty();
    assertThat(tiers.find(id).orElseThrow().isArchived()).isTrue();
    tiers.limits().setDownload(0);
    assertThat(read(tiers, id)).isEqualTo(content(id, BYTES));
  }

  @Test
  void limitThatIsNoRateIsRefusedByTheOptions() {
    assertThatThrownBy(() -> site.options().uploadLimitBytesPerSecond(1023).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("uploadLimitBytesPerSecond")
        .hasMessageContaining("got 1023");
    assertThatThrownBy(() -> site.options().downloadLimitBytesPerSecond(-1).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("downloadLimitBytesPerSecond");
  }

  /** The transfer of the log, once so much of it has arrived. */
  private TransferStatus crawling(long doneBytes) {
    return Awaitility.await()
        .atMost(Duration.ofMinutes(3))
        .until(
            tiers::transfers,
            (List<TransferStatus> all) ->
                all.size() == 1
                    && all.get(0).key().value().endsWith(".log")
                    && all.get(0).doneBytes() >= doneBytes)
        .get(0);
  }
}
