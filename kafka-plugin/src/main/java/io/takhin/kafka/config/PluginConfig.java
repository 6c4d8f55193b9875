package io.takhin.kafka.config;

import io.takhin.kafka.form.Storing;
import io.takhin.kafka.layout.SegmentLayout;
import io.takhin.tiered.read.ChunkReadOptions;
import io.takhin.tiered.store.s3.S3Options;
import io.takhin.tiered.transfer.TransferOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What a broker's {@code rsm.config.*} says. See {@link PluginKeys} for what each key means.
 *
 * @param dataDir this broker's own folder
 * @param brokerId written into manifests
 * @param prefix of the keys of what is copied from now on
 * @param uploadLimitBytesPerSecond 0 for none
 * @param downloadLimitBytesPerSecond 0 for none
 * @param fetching how remote segments are read
 * @param storing what is done to the bytes of segments
 * @param console empty if none is wanted
 */
public record PluginConfig(
    Path dataDir,
    int brokerId,
    String prefix,
    S3Options s3,
    TransferOptions transfer,
    long uploadLimitBytesPerSecond,
    long downloadLimitBytesPerSecond,
    Copying copying,
    Deleting deleting,
    ChunkReadOptions fetching,
    Storing storing,
    Optional<Console> console) {

  /**
   * Copies.
   *
   * @param timeout for one segment
   * @param indexMemoryBytes heap for index objects under way, over all copies
   */
  public record Copying(Duration timeout, long indexMemoryBytes) {}

  /**
   * Deletes.
   *
   * @param parallelism segments removed at the same time
   * @param maxPending segments whose removal may be outstanding
   * @param retryPause after the first failure
   */
  public record Deleting(int parallelism, int maxPending, Duration retryPause) {}

  /**
   * Where the console listens.
   *
   * @param port 0 takes a free one
   */
  public record Console(String host, int port) {}

  public PluginConfig {
    SegmentLayout.requirePrefix(prefix);
  }

  /**
   * Reads what a broker gives to its remote storage manager.
   *
   * @param given keys without {@code rsm.config.}, and what the broker adds
   * @throws org.apache.kafka.common.config.ConfigException naming every problem, and no secret
   */
  public static PluginConfig of(Map<String, ?> given) {
    return new ConfigReader(given).read();
  }
}
