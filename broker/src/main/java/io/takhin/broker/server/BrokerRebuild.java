package io.takhin.broker.server;

import io.takhin.broker.log.AdoptedLog;
import io.takhin.broker.log.DataDirectory;
import io.takhin.broker.log.LogSettings;
import io.takhin.broker.log.LogStore;
import io.takhin.broker.tiering.LocalOnly;
import io.takhin.config.TakhinConfig;
import io.takhin.tiered.TieredOptions;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.disk.DiskSpace;
import io.takhin.tiered.rebuild.CatalogRebuild;
import io.takhin.tiered.rebuild.RebuildOptions;
import io.takhin.tiered.rebuild.RebuildReport;
import io.takhin.tiered.rebuild.RebuiltPartition;
import io.takhin.tiered.segment.InvalidSegmentPathException;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.KafkaException;

/**
 * Brings a broker back from its bucket, while no broker runs.
 *
 * <p>A whole rebuild wants an empty data directory and makes the topics, their partitions and the
 * catalog: each partition starts where the bucket's first segment does, holds nothing locally, and
 * goes on after the last one. A rebuild of the catalog alone leaves the partitions as they are.
 */
public final class BrokerRebuild {
  private final TakhinConfig config;
  private final Path dataDir;
  private final TieredOptions tiered;
  private final RebuildMarker marker;

  /** What is rebuilt. */
  public enum Scope {
    /** Everything, on an empty data directory. */
    WHOLE,
    /** The archiver's catalog, beside the partitions that are here. */
    CATALOG
  }

  private BrokerRebuild(TakhinConfig config) {
    this.config = config;
    this.dataDir = config.storage().dataDir();
    this.tiered = TieredRuntime.tieredOptions(config.storage(), DiskSpace.OF_FILE_SYSTEM);
    this.marker = new RebuildMarker(dataDir);
  }

  /**
   * Rebuilds, or only looks what that would give. Blocks.
   *
   * @param parallelism manifests read at the same time
   * @throws StartException if the data directory is not as the scope wants it, somebody uses it, or
   *     the embedded S3 server does not start
   * @throws IOException if the bucket cannot be read or the disk not written; a repeated call
   *     begins anew
   */
  public static RebuildReport run(TakhinConfig config, Scope scope, boolean dryRun, int parallelism)
      throws StartException, IOException, InterruptedException {
    if (!config.storage().tiered().enabled()) {
      throw new StartException(
          "there is no bucket to rebuild from: storage.tiered.enabled is false");
    }
    BrokerRebuild rebuild = new BrokerRebuild(config);
    RebuildOptions options =
        RebuildOptions.fromBucketAlone(rebuild.tiered.keyPrefix()).withParallelism(parallelism);
    if (scope == Scope.CATALOG) {
      options = options.besideLocalLogs(rebuild::localLogBytes);
    }
    if (dryRun && !Files.exists(rebuild.dataDir)) {
      try (RemoteStore store = rebuild.openStore()) {
        return CatalogRebuild.dryRun(store.objects(), options);
      }
    }
    try (DataDirectory directory = lock(rebuild.dataDir)) {
      if (scope == Scope.WHOLE) {
        rebuild.requireEmpty();
      } else {
        rebuild.marker.requireAbsent();
        rebuild.requireNoCatalog();
      }
      try (RemoteStore store = rebuild.openStore()) {
        if (dryRun) {
          return CatalogRebuild.dryRun(store.objects(), options);
        }
        RebuildReport report =
            scope == Scope.WHOLE
                ? rebuild.whole(directory, store, options)
                : rebuild.catalog(store, options);
        rebuild.takeOver(store, options);
        return report;
      }
    } catch (CatalogException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static DataDirectory lock(Path dataDir) throws StartException {
    try {
      return DataDirectory.lock(dataDir);
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  private RemoteStore openStore() throws StartException {
    try {
      return RemoteStore.open(config.storage().tiered().s3());
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  /** What an unfinished rebuild left may be there; it never served anybody. */
  private void requireEmpty() throws StartException, IOException {
    if (marker.exists()) {
      return;
    }
    requireNoCatalog();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(dataDir, BrokerRebuild::isLogOrTopics)) {
      for (Path entry : entries) {
        throw new StartException(
            "the data directory is not empty, it holds "
                + entry
                + ": expected none of the broker's files; choose another storage.data.dir, or use"
                + " --catalog-only if the logs are good and only the catalog is lost");
      }
    }
  }

  private void requireNoCatalog() throws StartException {
    if (Files.exists(tiered.catalogFile())) {
      throw new StartException(
          "there is a catalog already: "
              + tiered.catalogFile()
              + "; if it is damaged move it away, with its -wal and -shm");
    }
  }

  private static boolean isLogOrTopics(Path entry) throws IOException {
    if (!Files.isDirectory(entry)) {
      return false;
    }
    String name = entry.getFileName().toString();
    if (name.equals(".topics")) {
      try (DirectoryStream<Path> topics = Files.newDirectoryStream(entry)) {
        return topics.iterator().hasNext();
      }
    }
    try {
      PartitionId unused = PartitionId.parse(name);
      return true;
    } catch (InvalidSegmentPathException e) {
      return false;
    }
  }

  private OptionalLong localLogBytes(SegmentId id) {
    try {
      return OptionalLong.of(Files.size(dataDir.resolve(id.path())));
    } catch (IOException e) {
      return OptionalLong.empty(); // Not here.
    }
  }

  private RebuildReport catalog(RemoteStore store, RebuildOptions options)
      throws IOException, CatalogException, InterruptedException {
    try (CatalogRebuild rebuild =
        CatalogRebuild.begin(store.objects(), options, tiered.catalogFile())) {
      RebuildReport report = rebuild.fill();
      rebuild.place();
      return report;
    }
  }

  private void takeOver(RemoteStore store, RebuildOptions options)
      throws IOException, CatalogException {
    try {
      CatalogRebuild.takeOver(store.objects(), options, tiered.catalogFile(), Clock.systemUTC());
    } catch (IOException e) {
      throw new IOException(
          "rebuilt, but the prefix still belongs to the writer of the lost catalog; `takhin writer"
              + " take-over` does that once the broker runs: "
              + e.getMessage(),
          e);
    }
  }

  private RebuildReport whole(DataDirectory directory, RemoteStore store, RebuildOptions options)
      throws IOException, CatalogException, InterruptedException {
    if (marker.exists()) {
      Files.deleteIfExists(tiered.catalogFile());
    }
    try (CatalogRebuild rebuild =
        CatalogRebuild.begin(store.objects(), options, tiered.catalogFile())) {
      RebuildReport report = rebuild.fill();
      marker.put();
      adopt(directory, report);
      rebuild.place();
      marker.remove();
      return report;
    }
  }

  private void adopt(DataDirectory directory, RebuildReport report) throws IOException {
    Map<String, Map<Integer, AdoptedLog>> topics = new TreeMap<>();
    Set<String> living = new HashSet<>();
    for (RebuiltPartition partition : report.partitions()) {
      PartitionId id = partition.partition();
      if (!partition.isEmpty()) {
        living.add(id.topic());
      }
      topics
          .computeIfAbsent(id.topic(), topic -> new TreeMap<>())
          .put(id.partition(), new AdoptedLog(partition.startOffset(), partition.nextOffset()));
    }
    LogSettings settings =
        new LogSettings(
            config.broker().topics().numPartitions(),
            Math.toIntExact(config.storage().log().segmentBytes()));
    try (LogStore logs = LogStore.open(directory, settings, partitions -> new LocalOnly())) {
      for (Map.Entry<String, Map<Integer, AdoptedLog>> topic : topics.entrySet()) {
        if (!living.contains(topic.getKey())) {
          continue; // It was deleted; undeleting what is left of it makes it again.
        }
        if (logs.topic(topic.getKey()).isPresent()) {
          logs.delete(topic.getKey()); // Left by an unfinished rebuild.
        }
        var unused = logs.adopt(topic.getKey(), topic.getValue());
      }
    } catch (KafkaException e) {
      throw new IOException("topics not made: " + e.getMessage(), e);
    }
  }
}
