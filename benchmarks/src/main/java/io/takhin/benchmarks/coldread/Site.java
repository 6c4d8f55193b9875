package io.takhin.benchmarks.coldread;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.benchmarks.transfer.Pattern;
import io.takhin.benchmarks.transfer.StoreProcess;
import io.takhin.benchmarks.transfer.Workspace;
import io.takhin.tiered.TieredOptions;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.read.ReadMode;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.s3.S3Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * Segments that only a store has, and archivers over them that begin with an empty cache. The logs
 * hold {@link Pattern}, which is what a sink serves. Used by one thread.
 */
final class Site implements AutoCloseable {
  private static final int INDEX_INTERVAL_BYTES = 16 << 10;
  private static final int RECORDS_PER_ENTRY = 16;
  private static final long FIRST_TIMESTAMP_MILLIS = 1_700_000_000_000L;

  private final Workspace workspace;
  private final StoreProcess server;
  private final S3Store store;
  private final Path dataDir;

  private Site(Workspace workspace, StoreProcess server, Path dataDir) {
    this.workspace = workspace;
    this.server = server;
    this.store = new S3Store(server.target().options());
    this.dataDir = dataDir;
  }

  static Site create(Workspace workspace, StoreProcess server) throws IOException {
    return new Site(workspace, server, workspace.newDirectory("data-"));
  }

  StoreProcess server() {
    return server;
  }

  S3Store store() {
    return store;
  }

  Workspace workspace() {
    return workspace;
  }

  /** Archives segments of one size, one partition of the topic; their logs follow each other. */
  List<SegmentId> archive(String topic, int count, long logBytes) throws Exception {
    Path directory = Files.createDirectories(dataDir.resolve(topic + "-0"));
    Path log = workspace.file(topic + ".log");
    Pattern.write(log, logBytes);
    long records = logBytes / INDEX_INTERVAL_BYTES * RECORDS_PER_ENTRY;
    List<SegmentId> ids = new ArrayList<>();
    server.delay(0);
    try (ColdSegments cold = open(0, 0)) {
      for (int i = 0; i < count; i++) {
        SegmentId id = SegmentId.of(topic, 0, i * records);
        Files.createLink(directory.resolve(FileKind.LOG.fileName(id)), log);
        writeIndexes(directory, id, logBytes);
        TieredStorageManager tiers = cold.tiers();
        tiers.register(
            SegmentMetadata.sealed(
                id,
                id.baseOffset() + records,
                FIRST_TIMESTAMP_MILLIS,
                logBytes,
                FIRST_TIMESTAMP_MILLIS));
        SegmentMetadata archived = tiers.archive(id, "benchmark").get();
        if (Files.exists(directory.resolve(FileKind.LOG.fileName(id)))) {
          throw new IOException("not freed after it was archived: segment=" + archived);
        }
        ids.add(id);
      }
    } catch (ExecutionException e) {
      throw new IOException("cannot archive segments of " + topic, e.getCause());
    } finally {
      Files.delete(log);
    }
    return ids;
  }

  /**
   * An archiver with an empty cache.
   *
   * @param cacheBytes of its cache
   * @param readAheadBytes what it may fetch before it is asked; 0 for nothing
   */
  ColdSegments open(long cacheBytes, long readAheadBytes) throws Exception {
    Path chunks = workspace.newDirectory("chunks-");
    TieredOptions options =
        TieredOptions.builder(dataDir)
            .autoArchive(false)
            .readMode(ReadMode.STREAM)
            .chunkDir(chunks)
            .localCacheBytes(cacheBytes)
            .readAheadBytes(readAheadBytes)
            .build();
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    TieredStorageManager tiers =
        TieredStorageManager.open(
            options, store, new DirectorySegments(dataDir), meters, Clock.systemUTC());
    return new ColdSegments(tiers, meters, chunks);
  }

  private static void writeIndexes(Path directory, SegmentId id, long logBytes) throws IOException {
    int entries = Math.toIntExact(logBytes / INDEX_INTERVAL_BYTES);
    ByteBuffer offsets = ByteBuffer.allocate(entries * (Integer.BYTES + Integer.BYTES));
    ByteBuffer times = ByteBuffer.allocate(entries * (Long.BYTES + Integer.BYTES));
    for (int entry = 0; entry < entries; entry++) {
      int relative = entry * RECORDS_PER_ENTRY;
      offsets.putInt(relative).putInt(entry * INDEX_INTERVAL_BYTES);
      times.putLong(FIRST_TIMESTAMP_MILLIS + entry).putInt(relative);
    }
    Files.write(directory.resolve(FileKind.INDEX.fileName(id)), offsets.array());
    Files.write(directory.resolve(FileKind.TIMEINDEX.fileName(id)), times.array());
  }

  @Override
  public void close() {
    store.close();
  }
}
