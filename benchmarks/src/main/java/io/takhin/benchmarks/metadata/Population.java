package io.takhin.benchmarks.metadata;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.catalog.UploadIntent;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * The segments that are measured: at most a thousand to a partition, as even as a log of varying
 * record sizes makes them. One in four is local, the others are only in the bucket; that is a
 * broker that keeps a quarter of its retention.
 */
final class Population {
  static final long START_MILLIS = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
  static final long SEGMENT_EVERY_MILLIS = 60_000;
  static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(START_MILLIS), ZoneOffset.UTC);
  static final int PER_PARTITION = 1_000;
  private static final int MEAN_RECORDS = 1_000_000;
  private static final int RECORDS_SPREAD = 200_000;
  private static final long SEGMENT_BYTES = 1L << 30;
  private static final int CHUNK = 50_000;

  private final int segments;

  Population(int segments) {
    this.segments = segments;
  }

  int partitions() {
    return (segments + PER_PARTITION - 1) / PER_PARTITION;
  }

  /** A new instance at each call: a caller's id is equal to the catalog's, not the same. */
  static PartitionId partition(int index) {
    return new PartitionId("topic-" + index / 10, index % 10);
  }

  /** The ids in the order of partition and offset. */
  List<SegmentId> ids() {
    List<SegmentId> ids = new ArrayList<>(segments);
    for (int i = 0; i < segments; i += PER_PARTITION) {
      PartitionId partition = partition(i / PER_PARTITION);
      Random records = new Random(i);
      long offset = 0;
      for (int k = i; k < Math.min(segments, i + PER_PARTITION); k++) {
        ids.add(new SegmentId(partition, offset));
        offset += MEAN_RECORDS + records.nextInt(2 * RECORDS_SPREAD) - RECORDS_SPREAD;
      }
    }
    return ids;
  }

  /** What is known of the id; three in four are archived when asked for. */
  static SegmentMetadata segment(SegmentId id, int index, boolean archived) {
    long modifiedMillis = START_MILLIS + (index % PER_PARTITION) * SEGMENT_EVERY_MILLIS;
    SegmentMetadata sealed =
        SegmentMetadata.sealed(
            id, id.baseOffset() + MEAN_RECORDS / 2, modifiedMillis, SEGMENT_BYTES, modifiedMillis);
    return archived
        ? sealed.withState(
            new SegmentState.Local()
                .begin(new UploadIntent("benchmark", manifest(id), modifiedMillis))
                .commit(receipt(id, modifiedMillis))
                .reclaim())
        : sealed;
  }

  /** Writes a catalog file with all of them. */
  void write(Path databaseFile) throws CatalogException {
    SplittableRandom random = new SplittableRandom(1);
    List<SegmentId> ids = ids();
    try (SegmentCatalog catalog = SegmentCatalog.open(databaseFile, CLOCK)) {
      for (int from = 0; from < segments; from += CHUNK) {
        List<SegmentMetadata> chunk = new ArrayList<>(CHUNK);
        for (int i = from; i < Math.min(segments, from + CHUNK); i++) {
          chunk.add(segment(ids.get(i), i, random.nextInt(4) != 0));
        }
        catalog.registerAll(chunk);
      }
    }
  }

  private static Receipt receipt(SegmentId id, long millis) {
    return new Receipt(
        manifest(id),
        List.of(
            file(id, FileKind.INDEX, SEGMENT_BYTES / 512),
            file(id, FileKind.TIMEINDEX, SEGMENT_BYTES / 768),
            file(id, FileKind.LOG, SEGMENT_BYTES)),
        millis);
  }

  private static ObjectKey manifest(SegmentId id) {
    return new ObjectKey(folder(id) + id.fileStem() + ".manifest.json");
  }

  private static ArchivedFile file(SegmentId id, FileKind kind, long sizeBytes) {
    return new ArchivedFile(
        kind,
        new ObjectKey(folder(id) + kind.fileName(id)),
        sizeBytes,
        new Crc32c(Long.hashCode(id.baseOffset() ^ sizeBytes)));
  }

  private static String folder(SegmentId id) {
    return "takhin/" + id.partition().directory() + "/";
  }
}
