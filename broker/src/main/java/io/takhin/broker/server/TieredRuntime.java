package io.takhin.broker.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.broker.Closing;
import io.takhin.broker.tiering.LocalPartitions;
import io.takhin.config.DiskConfig;
import io.takhin.config.StorageConfig;
import io.takhin.config.TieredConfig;
import io.takhin.tiered.TieredOptions;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.disk.DiskMarks;
import io.takhin.tiered.disk.DiskSpace;
import io.takhin.tiered.disk.OutageOptions;
import io.takhin.tiered.disk.OutagePolicy;
import io.takhin.tiered.read.ReadMode;
import io.takhin.tiered.verify.Level;
import io.takhin.tiered.verify.VerifyOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;

/**
 * The archiver and what it stands on: the embedded S3 server, if that was asked for, the store, the
 * manager. Opened and closed by the broker, from within its own start and stop.
 */
final class TieredRuntime implements AutoCloseable {
  private final RemoteStore store;
  private final TieredStorageManager tiers;

  private TieredRuntime(RemoteStore store, TieredStorageManager tiers) {
    this.store = store;
    this.tiers = tiers;
  }

  /**
   * Starts the server, if any, and opens the archiver. The data directory is locked by now, so no
   * other process uses the same files.
   *
   * @param space how the disk of the data directory is measured
   */
  static TieredRuntime open(
      StorageConfig config, LocalPartitions partitions, DiskSpace space, MeterRegistry meters)
      throws IOException {
    Closing opened = new Closing();
    try {
      RemoteStore store = opened.add(RemoteStore.open(config.tiered().s3()));
      TieredStorageManager tiers =
          TieredStorageManager.open(
              tieredOptions(config, space),
              store.objects(),
              new BrokerSegments(config.dataDir(), partitions),
              meters,
              Clock.systemUTC());
      return new TieredRuntime(store, tiers);
    } catch (IOException | RuntimeException e) {
      opened.closeAfter(e);
      throw e;
    } catch (CatalogException e) {
      opened.closeAfter(e);
      throw new IOException(e.getMessage(), e);
    }
  }

  private static OutageOptions outageOptions(DiskConfig disk, DiskSpace space) {
    return new OutageOptions(
        OutagePolicy.valueOf(disk.policy().name()),
        new DiskMarks(disk.lowPercent(), disk.highPercent(), disk.fullPercent()),
        space,
        OutageOptions.DEFAULT.interval());
  }

  static TieredOptions tieredOptions(StorageConfig config, DiskSpace space) {
    Path dataDir = config.dataDir();
    TieredConfig tiered = config.tiered();
    return TieredOptions.builder(dataDir)
        .keyPrefix(tiered.s3().prefix())
        .warmAge(tiered.archive().warmAge())
        .coldAge(tiered.archive().coldAge())
        .minResidency(tiered.archive().localMinResidency())
        .archiveInterval(tiered.archive().interval())
        .autoArchive(tiered.archive().automatic())
        .localCacheBytes(tiered.restore().localCacheBytes())
        .partSizeBytes(tiered.transfer().partSizeBytes())
        .transferParallelism(tiered.transfer().parallelism())
        .uploadLimitBytesPerSecond(tiered.transfer().uploadLimitBytesPerSecond())
        .downloadLimitBytesPerSecond(tiered.transfer().downloadLimitBytesPerSecond())
        .archiveParallelism(tiered.archive().parallelism())
        .archiveAttempts(tiered.archive().attempts())
        .restoreParallelism(tiered.restore().parallelism())
        .readMode(ReadMode.valueOf(tiered.read().mode().name()))
        // The fetch gives up first, with an empty answer rather than an error.
        .readTimeout(tiered.restore().readTimeout().multipliedBy(2))
        .readParallelism(tiered.read().parallelism())
        .readAheadBytes(tiered.read().aheadBytes())
        .restoreAfterReads(tiered.read().restoreAfterReads())
        .restoreCoverage(tiered.read().restoreCoveragePercent() / 100.0)
        .outage(outageOptions(tiered.disk(), space))
        .sweepInterval(tiered.sweep().interval())
        .sweepGrace(tiered.sweep().grace())
        .deleteDelay(tiered.deleteDelay())
        .verify(
            VerifyOptions.DEFAULT.with(
                tiered.verify().interval(),
                tiered.verify().requestsPerDay(),
                tiered.verify().bytesPerDay(),
                Level.of(tiered.verify().level())))
        .build();
  }

  TieredStorageManager tiers() {
    return tiers;
  }

  /** Where archived segments go, without secrets. */
  String description() {
    return store.objects().description();
  }

  /** Closes the store and the server; the manager was closed by the broker before. */
  @Override
  public void close() {
    store.close();
  }
}
