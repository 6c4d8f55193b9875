package io.takhin.broker.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.broker.Closing;
import io.takhin.broker.tiering.LocalPartitions;
import io.takhin.config.S3Config;
import io.takhin.config.S3Endpoint;
import io.takhin.config.StorageConfig;
import io.takhin.config.TieredConfig;
import io.takhin.embedded.s3.EmbeddedS3Exception;
import io.takhin.embedded.s3.EmbeddedS3Options;
import io.takhin.tiered.TieredOptions;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.read.ReadMode;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.store.s3.S3Store;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/**
 * The archiver and what it stands on: the embedded S3 server, if that was asked for, the store, the
 * manager. Opened and closed by the broker, from within its own start and stop.
 */
final class TieredRuntime implements AutoCloseable {
  private final Optional<EmbeddedServer> embedded;
  private final ObjectStore store;
  private final TieredStorageManager tiers;

  private TieredRuntime(
      Optional<EmbeddedServer> embedded, ObjectStore store, TieredStorageManager tiers) {
    this.embedded = embedded;
    this.store = store;
    this.tiers = tiers;
  }

  /**
   * Starts the server, if any, and opens the archiver. The data directory is locked by now, so no
   * other process uses the same files.
   */
  static TieredRuntime open(StorageConfig config, LocalPartitions partitions, MeterRegistry meters)
      throws IOException {
    Closing opened = new Closing();
    try {
      Optional<EmbeddedServer> embedded = startEmbedded(config.tiered().s3());
      embedded.ifPresent(opened::add);
      ObjectStore store = opened.add(new S3Store(s3Options(config, embedded)));
      TieredStorageManager tiers =
          TieredStorageManager.open(
              tieredOptions(config),
              store,
              new BrokerSegments(config.dataDir(), partitions),
              meters,
              Clock.systemUTC());
      return new TieredRuntime(embedded, store, tiers);
    } catch (IOException | RuntimeException e) {
      opened.closeAfter(e);
      throw e;
    } catch (CatalogException e) {
      opened.closeAfter(e);
      throw new IOException(e.getMessage(), e);
    }
  }

  private static Optional<EmbeddedServer> startEmbedded(S3Config config) throws IOException {
    if (config.endpoint() instanceof S3Endpoint.Embedded server) {
      EmbeddedS3Options options = EmbeddedS3Options.onFreePort(server.dir(), config.bucket());
      try {
        return Optional.of(EmbeddedServer.start(options.withPort(server.port())));
      } catch (EmbeddedS3Exception e) {
        throw new IOException(
            e.getMessage()
                + " (storage.tiered.s3.embedded.port: "
                + server.port()
                + ", storage.tiered.s3.embedded.dir: "
                + server.dir()
                + ")",
            e);
      }
    }
    return Optional.empty();
  }

  /** The embedded server asks for no credentials, but the client has to sign with something. */
  private static S3Options s3Options(StorageConfig storage, Optional<EmbeddedServer> embedded) {
    S3Config s3 = storage.tiered().s3();
    Optional<URI> endpoint =
        s3.endpoint() instanceof S3Endpoint.Server server
            ? Optional.of(server.uri())
            : embedded.map(EmbeddedServer::endpoint);
    return new S3Options(
        s3.bucket(),
        s3.region(),
        endpoint,
        Optional.of(s3.pathStyle()),
        s3.requestTimeout(),
        s3.maxRetries(),
        embedded.map(server -> new S3Options.StaticKeys("embedded", "embedded")));
  }

  private static TieredOptions tieredOptions(StorageConfig config) {
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
        .restoreParallelism(tiered.restore().parallelism())
        .readMode(ReadMode.valueOf(tiered.read().mode().name()))
        // The fetch gives up first, with an empty answer rather than an error.
        .readTimeout(tiered.restore().readTimeout().multipliedBy(2))
        .readParallelism(tiered.read().parallelism())
        .readAheadBytes(tiered.read().aheadBytes())
        .restoreAfterReads(tiered.read().restoreAfterReads())
        .restoreCoverage(tiered.read().restoreCoveragePercent() / 100.0)
        .build();
  }

  TieredStorageManager tiers() {
    return tiers;
  }

  /** Where archived segments go, without secrets. */
  String description() {
    return store.description();
  }

  /** Closes the store and the server; the manager was closed by the broker before. */
  @Override
  public void close() {
    store.close();
    embedded.ifPresent(EmbeddedServer::close);
  }
}
