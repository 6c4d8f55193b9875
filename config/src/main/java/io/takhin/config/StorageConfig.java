package io.takhin.config;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * What lies on disk and in the bucket.
 *
 * @param dataDir folder of the partitions and the catalog, as configured: a relative path is
 *     relative to the working directory
 * @param log the partition logs
 * @param tiered the archiver
 */
public record StorageConfig(Path dataDir, LogConfig log, TieredConfig tiered) {

  public StorageConfig {
    requireNonNull(dataDir, "dataDir");
    requireNonNull(log, "log");
    requireNonNull(tiered, "tiered");
  }
}
