package io.takhin.benchmarks.coldread;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.benchmarks.transfer.Workspace;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.read.CachedRange;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** An archiver and its cache, which is removed with it. Any thread may read. */
final class ColdSegments implements AutoCloseable {
  private final TieredStorageManager tiers;
  private final MeterRegistry meters;
  private final Path chunkDir;

  ColdSegments(TieredStorageManager tiers, MeterRegistry meters, Path chunkDir) {
    this.tiers = tiers;
    this.meters = meters;
    this.chunkDir = chunkDir;
  }

  TieredStorageManager tiers() {
    return tiers;
  }

  /**
   * Fills the buffer with bytes of a log, as a consumer gets them.
   *
   * @param into filled from 0 to its capacity, which is within the log
   */
  void read(SegmentId id, long positionBytes, ByteBuffer into)
      throws IOException, InterruptedException {
    int length = into.capacity();
    try (CachedRange range =
        tiers.reader(id).read(FileKind.LOG, positionBytes, length, length).get()) {
      range.readFully(0, into.clear());
    } catch (ExecutionException e) {
      throw new IOException("cannot read: segment=" + id + " at=" + positionBytes, e.getCause());
    }
  }

  /** What is known of one of the segment's objects. */
  ArchivedFile file(SegmentId id, FileKind kind) {
    return tiers.find(id).orElseThrow().state().receipt().orElseThrow().files().stream()
        .filter(file -> file.kind() == kind)
        .findFirst()
        .orElseThrow();
  }

  /** A counter of the read path; 0 if nothing was counted yet. */
  double count(String name, String topic, String... tags) {
    @Nullable Counter counter =
        meters.find("tiered.storage.read." + name).tag("topic", topic).tags(tags).counter();
    return counter == null ? 0 : counter.count();
  }

  @Override
  public void close() throws IOException, CatalogException {
    tiers.close();
    Workspace.remove(chunkDir);
  }
}
