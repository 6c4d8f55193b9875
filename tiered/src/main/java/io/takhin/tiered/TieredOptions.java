package io.takhin.tiered;

import io.takhin.tiered.transfer.TransferOptions;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a {@link TieredStorageManager} works; made with {@link #builder}, which knows the defaults.
 *
 * @param dataDir where the embedder's log has its partition directories
 * @param restoredDir where restored segments go; created when needed, and nothing else lies there
 * @param catalogFile the durable catalog; created when missing
 * @param keyPrefix first part of every object's key, without slashes at its ends; may be empty
 * @param warmAge age since the last write at which a segment becomes warm
 * @param coldAge age at which a segment is archived
 * @param minResidency how long local files stay after the copy was proved
 * @param archiveInterval time between two policy runs
 * @param autoArchive whether policy runs archive and reclaim, or only tell tiers
 * @param localCacheBytes what restored segments may take together; the least recently read go
 * @param partSizeBytes size of an upload's parts and a download's ranges, 5 MiB to 1 GiB
 * @param transferParallelism parts under way at the same time, for uploads and downloads each
 * @param archiveParallelism segments archived at the same time
 * @param restoreParallelism segments restored at the same time
 * @param maxQueuedOperations archives, and restores, that may wait; further ones are refused
 */
public record TieredOptions(
    Path dataDir,
    Path restoredDir,
    Path catalogFile,
    String keyPrefix,
    Duration warmAge,
    Duration coldAge,
    Duration minResidency,
    Duration archiveInterval,
    boolean autoArchive,
    long localCacheBytes,
    long partSizeBytes,
    int transferParallelism,
    int archiveParallelism,
    int restoreParallelism,
    int maxQueuedOperations) {
  private static final long MIN_PART_SIZE_BYTES = 5L << 20; // S3 takes no smaller ones
  private static final int MAX_PARALLELISM = 256;

  public TieredOptions {
    TransferOptions transfer = new TransferOptions(partSizeBytes, transferParallelism);
    require(
        transfer.partSizeBytes() >= MIN_PART_SIZE_BYTES,
        "partSizeBytes",
        "at least " + MIN_PART_SIZE_BYTES,
        partSizeBytes);
    require(
        !archiveInterval.isNegative() && !archiveInterval.isZero(),
        "archiveInterval",
        "more than 0",
        archiveInterval);
    require(localCacheBytes >= 0, "localCacheBytes", "0 or more", localCacheBytes);
    requireParallelism("archiveParallelism", archiveParallelism);
    requireParallelism("restoreParallelism", restoreParallelism);
    require(maxQueuedOperations >= 1, "maxQueuedOperations", "1 or more", maxQueuedOperations);
    require(!restoredDir.equals(dataDir), "restoredDir", "another than dataDir", restoredDir);
  }

  private static void requireParallelism(String name, int value) {
    require(value >= 1 && value <= MAX_PARALLELISM, name, "1 to " + MAX_PARALLELISM, value);
  }

  private static void require(boolean holds, String name, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException(
          "invalid " + name + ": expected " + expected + ", got " + got);
    }
  }

  TransferOptions transfer() {
    return new TransferOptions(partSizeBytes, transferParallelism);
  }

  /** All defaults, for a log in the given directory. */
  public static Builder builder(Path dataDir) {
    return new Builder(dataDir);
  }

  /** Begins with the defaults; not thread-safe. */
  public static final class Builder {
    private final Path dataDir;
    private Path restoredDir;
    private Path catalogFile;
    private String keyPrefix = "";
    private Duration warmAge = Duration.ofDays(3);
    private Duration coldAge = Duration.ofDays(7);
    private Duration minResidency = Duration.ZERO;
    private Duration archiveInterval = Duration.ofMinutes(60);
    private boolean autoArchive = true;
    private long localCacheBytes = 10L << 30;
    private long partSizeBytes = 8L << 20;
    private int transferParallelism = 8;
    private int archiveParallelism = 4;
    private int restoreParallelism = 4;
    private int maxQueuedOperations = 10_000;

    private Builder(Path dataDir) {
      this.dataDir = dataDir;
      this.restoredDir = dataDir.resolve(".restored");
      this.catalogFile = dataDir.resolve(".catalog").resolve("segments.db");
    }

    public Builder restoredDir(Path value) {
      restoredDir = value;
      return this;
    }

    public Builder catalogFile(Path value) {
      catalogFile = value;
      return this;
    }

    public Builder keyPrefix(String value) {
      keyPrefix = value;
      return this;
    }

    public Builder warmAge(Duration value) {
      warmAge = value;
      return this;
    }

    public Builder coldAge(Duration value) {
      coldAge = value;
      return this;
    }

    public Builder minResidency(Duration value) {
      minResidency = value;
      return this;
    }

    public Builder archiveInterval(Duration value) {
      archiveInterval = value;
      return this;
    }

    public Builder autoArchive(boolean value) {
      autoArchive = value;
      return this;
    }

    public Builder localCacheBytes(long value) {
      localCacheBytes = value;
      return this;
    }

    public Builder partSizeBytes(long value) {
      partSizeBytes = value;
      return this;
    }

    public Builder transferParallelism(int value) {
      transferParallelism = value;
      return this;
    }

    public Builder archiveParallelism(int value) {
      archiveParallelism = value;
      return this;
    }

    public Builder restoreParallelism(int value) {
      restoreParallelism = value;
      return this;
    }

    public Builder maxQueuedOperations(int value) {
      maxQueuedOperations = value;
      return this;
    }

    /**
     * Checks the options together.
     *
     * @throws IllegalArgumentException naming the option, what is expected, and what it is
     */
    public TieredOptions build() {
      return new TieredOptions(
          dataDir,
          restoredDir,
          catalogFile,
          keyPrefix,
          warmAge,
          coldAge,
          minResidency,
          archiveInterval,
          autoArchive,
          localCacheBytes,
          partSizeBytes,
          transferParallelism,
          archiveParallelism,
          restoreParallelism,
          maxQueuedOperations);
    }
  }
}
