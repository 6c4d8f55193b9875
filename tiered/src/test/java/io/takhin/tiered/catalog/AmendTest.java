package io.takhin.tiered.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proof is replaced only by one of the same log, and only while nothing else has happened. */
class AmendTest {
  private static final SegmentId ID = SegmentId.of("orders", 0, 0);

  @TempDir Path dir;

  private SegmentCatalog open() throws CatalogException {
    return SegmentCatalog.open(dir.resolve("catalog.db"), Clock.systemUTC());
  }

  private static Receipt receipt(int indexChecksum, long logBytes, int logChecksum) {
    String stem = "cluster/orders-0/" + ID.fileStem() + ".";
    return new Receipt(
        new ObjectKey(stem + "manifest.json"),
        List.of(
            new ArchivedFile(
                FileKind.INDEX, new ObjectKey(stem + "index"), 8, new Crc32c(indexChecksum)),
            new ArchivedFile(
                FileKind.LOG, new ObjectKey(stem + "log"), logBytes, new Crc32c(logChecksum))),
        7);
  }

  private static SegmentMetadata archived(SegmentCatalog catalog, Receipt receipt)
      throws CatalogException {
    catalog.register(SegmentMetadata.sealed(ID, 100, 5, 1000, 5));
    SegmentState.Local local = new SegmentState.Local();
    SegmentState.Uploading uploading =
        local.begin(new UploadIntent("attempt", receipt.manifest(), 1));
    catalog.transition(ID, local, uploading, "test");
    return catalog.transition(ID, uploading, uploading.commit(receipt), "test");
  }

  @Test
  void theNewProofIsThereAfterARestartInEveryStateThatHasOne() throws CatalogException {
    Receipt other = receipt(2, 1007, 9);
    try (SegmentCatalog catalog = open()) {
      SegmentMetadata archived = archived(catalog, receipt(1, 1000, 9));
      SegmentMetadata amended = catalog.amend(archived, other, "test");
      assertThat(amended.state()).isEqualTo(new SegmentState.Archived(other));
      assertThat(amended.sizeBytes()).isEqualTo(1007);
      SegmentState remote = ((SegmentState.Archived) amended.state()).reclaim();
      SegmentMetadata freed = catalog.transition(ID, amended.state(), remote, "test");
      SegmentMetadata again = catalog.amend(freed, receipt(3, 1007, 9), "test");
      assertThat(again.state()).isInstanceOf(SegmentState.RemoteOnly.class);
      assertThat(catalog.stats().remoteBytes()).isEqualTo(1007);
    }
    try (SegmentCatalog catalog = open()) {
      SegmentMetadata found = catalog.find(ID).orElseThrow();
      assertThat(found.state()).isEqualTo(new SegmentState.RemoteOnly(receipt(3, 1007, 9)));
      assertThat(found.sizeBytes()).isEqualTo(1007);
    }
  }

  @Test
  void aProofOfAnotherLogIsRefused() throws CatalogException {
    try (SegmentCatalog catalog = open()) {
      SegmentMetadata archived = archived(catalog, receipt(1, 1000, 9));
      assertThatThrownBy(() -> catalog.amend(archived, receipt(1, 1000, 10), "test"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("same log");
      assertThat(catalog.find(ID)).contains(archived);
    }
  }

  @Test
  void whatHasMovedMeanwhileIsLeftAlone() throws CatalogException {
    try (SegmentCatalog catalog = open()) {
      SegmentMetadata archived = archived(catalog, receipt(1, 1000, 9));
      SegmentState remote = ((SegmentState.Archived) archived.state()).reclaim();
      SegmentMetadata freed = catalog.transition(ID, archived.state(), remote, "test");
      assertThatThrownBy(() -> catalog.amend(archived, receipt(2, 1000, 9), "test"))
          .isInstanceOf(CatalogException.Conflict.class);
      assertThat(catalog.find(ID)).contains(freed);
    }
  }
}
