package io.takhin.tiered.catalog;

import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import java.util.List;

/** Segments, intents and receipts as the tests of the catalog need them. */
final class Segments {
  static final PartitionId ORDERS = new PartitionId("orders", 0);
  static final long RECORDS = 100;
  static final long SIZE_BYTES = 1_000;
  static final SegmentState.Local LOCAL = new SegmentState.Local();

  private Segments() {}

  /** The index-th segment of the partition; each holds {@link #RECORDS} records. */
  static SegmentMetadata sealed(PartitionId partition, long index) {
    return SegmentMetadata.sealed(
        new SegmentId(partition, index * RECORDS),
        (index + 1) * RECORDS,
        5_000 + index,
        SIZE_BYTES,
        10_000 + index);
  }

  static SegmentMetadata sealed(long index) {
    return sealed(ORDERS, index);
  }

  static SegmentState.Uploading uploading(SegmentId id) {
    return LOCAL.begin(new UploadIntent("attempt-1", manifest(id), 20_000));
  }

  static SegmentState.Archived archived(SegmentId id) {
    return uploading(id).commit(receipt(id));
  }

  static Receipt receipt(SegmentId id) {
    return new Receipt(
        manifest(id),
        List.of(
            file(id, FileKind.INDEX, 64, 7),
            file(id, FileKind.TIMEINDEX, 32, -8),
            file(id, FileKind.LOG, SIZE_BYTES, 9)),
        30_000);
  }

  /** Moves a registered local segment on until the bucket holds the only copy. */
  static SegmentMetadata toRemoteOnly(SegmentCatalog catalog, SegmentId id)
      throws CatalogException {
    SegmentState.Uploading uploading = uploading(id);
    SegmentState.Archived archived = uploading.commit(receipt(id));
    catalog.transition(id, LOCAL, uploading, "test");
    catalog.transition(id, uploading, archived, "test");
    return catalog.transition(id, archived, archived.reclaim(), "test");
  }

  private static ArchivedFile file(SegmentId id, FileKind kind, long sizeBytes, int checksum) {
    return new ArchivedFile(
        kind,
        new ObjectKey("logs/" + id.partition().directory() + "/" + kind.fileName(id)),
        sizeBytes,
        new Crc32c(checksum));
  }

  private static ObjectKey manifest(SegmentId id) {
    return new ObjectKey(
        "logs/" + id.partition().directory() + "/" + id.fileStem() + ".manifest.json");
  }
}
