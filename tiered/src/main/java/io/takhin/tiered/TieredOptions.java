package io.takhin.tiered;

import io.takhin.tiered.disk.OutageOptions;
import io.takhin.tiered.read.ReadMode;
import io.takhin.tiered.read.ReadOptions;
import io.takhin.tiered.store.throttled.RateLimits;
import io.takhin.tiered.transfer.TransferOptions;
import io.takhin.tiered.verify.VerifyOptions;
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
 * @param localCacheBytes what restored segments and cached chunks may take together; the least
 *     recently, or least often, read go
 * @param partSizeBytes size of an upload's parts and a download's ranges, 5 MiB to 1 GiB; parts of
 *     a file that would have too many become larger by themselves
 * @param transferParallelism parts under way at the same time, over all uploads together, and over
 *     all downloads together. Uploads hold at most that many parts in direct memory, and no more
 *     than half of what the JVM allows
 * @param uploadLimitBytesPerSecond payload to the store, all uploads together; 0 for no limit
 * @param downloadLimitBytesPerSecond payload from the store, all downloads together; 0 for no limit
 * @param archiveParallelism segments archived at the same time
 * @param archiveAttempts failures of its own with which a segment is quarantined, 1 or more
 * @param restoreParallelism segments restored at the same time
 * @param maxQueuedOperations archives, and restores, that may wait; further ones are refused
 * @param chunkDir where chunks of cold segments are cached; created when needed, and nothing else
 *     lies there
 * @param readMode how cold segments are read
 * @param readTimeout how long a {@link io.takhin.tiered.read.SegmentReader} waits
 * @param readParallelism requests for cold reads at the same time, over all readers
 * @param readAheadBytes what may be fetched before it is asked for, over all readers; 0 for none
 * @param restoreAfterReads in mode auto, how many times its size may be served of a segment before
 *     it is restored
 * @param restoreCoverage in mode auto, which share of a segment, above 0 up to 1, may be asked for
 *     out of order before it is restored
 * @param deleteDelay how long the objects of a deleted segment stay, so that it can be undeleted; 0
 *     for not at all
 * @param verify how the background verification works
 * @param outage what is done when segments cannot leave the disk
 * @param sweepInterval time between two sweeps of the bucket; zero for none but those asked for
 * @param sweepGrace age, by the store's clock, at which what nothing names may be removed; has to
 *     be longer than any writer to this prefix lives
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
    long uploadLimitBytesPerSecond,
    long downloadLimitBytesPerSecond,
    int archiveParallelism,
    int archiveAttempts,
    int restoreParallelism,
    int maxQueuedOperations,
    Path chunkDir,
    ReadMode readMode,
    Duration readTimeout,
    int readParallelism,
    long readAheadBytes,
    double restoreAfterReads,
    double restoreCoverage,
    Duration deleteDelay,
    VerifyOptions verify,
    OutageOptions outage,
    Duration sweepInterval,
    Duration sweepGrace) {
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
    require(!deleteDelay.isNegative(), "deleteDelay", "0 or more", deleteDelay);
    require(localCacheBytes >= 0, "localCacheBytes", "0 or more", localCacheBytes);
    requireLimit("uploadLimitBytesPerSecond", uploadLimitBytesPerSecond);
    requireLimit("downloadLimitBytesPerSecond", downloadLimitBytesPerSecond);
    requireParallelism("archiveParallelism", archiveParallelism);
    require(archiveAttempts >= 1, "archiveAttempts", "1 or more", archiveAttempts);
    requireParallelism("restoreParallelism", restoreParallelism);
    require(maxQueuedOperations >= 1, "maxQueuedOperations", "1 or more", maxQueuedOperations);
    require(!sweepInterval.isNegative(), "sweepInterval", "0 or more", sweepInterval);
    require(!sweepGrace.isNegative(), "sweepGrace", "0 or more", sweepGrace);
    require(!restoredDir.equals(dataDir), "restoredDir", "another than dataDir", restoredDir);
    require(
        !chunkDir.equals(dataDir) && !chunkDir.equals(restoredDir),
        "chunkDir",
        "another than dataDir and restoredDir",
        chunkDir);
    ReadOptions valid =
        new ReadOptions(
            readMode,
            chunkDir,
            localCacheBytes,
            readTimeout,
            readParallelism,
            readAheadBytes,
            restoreAfterReads,
            restoreCoverage);
    readMode = valid.mode();
  }

  private static void requireLimit(String name, long value) {
    require(
        RateLimits.isValid(value),
        name,
        "0 for none, or at least " + RateLimits.MIN_BYTES_PER_SECOND,
        value);
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

  /** The limits to begin with. */
  RateLimits limits() {
    return new RateLimits(uploadLimitBytesPerSecond, downloadLimitBytesPerSecond);
  }

  ReadOptions reads() {
    return new ReadOptions(
        readMode,
        chunkDir,
        localCacheBytes,
        readTimeout,
        readParallelism,
        readAheadBytes,
        restoreAfterReads,
        restoreCoverage);
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
    private long partSizeBytes = TransferOptions.DEFAULT.partSizeBytes();
    private int transferParallelism = TransferOptions.DEFAULT.parallelism();
    private long uploadLimitBytesPerSecond = RateLimits.UNLIMITED;
    private long downloadLimitBytesPerSecond = RateLimits.UNLIMITED;
    private int archiveParallelism = 4;
    private int archiveAttempts = 5;
    private int restoreParallelism = 4;
    private int maxQueuedOperations = 10_000;
    private Path chunkDir;
    private ReadMode readMode = ReadMode.AUTO;
    private Duration readTimeout = Duration.ofSeconds(20);
    private int readParallelism = 16;
    private long readAheadBytes = 128L << 20;
    private double restoreAfterReads = 3;
    private double restoreCoverage = 0.8;
    private Duration deleteDelay = Duration.ZERO;
    private VerifyOptions verify = VerifyOptions.DEFAULT;
    private OutageOptions outage = OutageOptions.DEFAULT;
    private Duration sweepInterval = Duration.ofHours(24);
    private Duration sweepGrace = Duration.ofHours(24);

    private Builder(Path dataDir) {
      this.dataDir = dataDir;
      this.restoredDir = dataDir.resolve(".restored");
      this.chunkDir = dataDir.resolve(".chunks");
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

    public Builder uploadLimitBytesPerSecond(long value) {
      uploadLimitBytesPerSecond = value;
      return this;
    }

    public Builder downloadLimitBytesPerSecond(long value) {
      downloadLimitBytesPerSecond = value;
      return this;
    }

    public Builder archiveParallelism(int value) {
      archiveParallelism = value;
      return this;
    }

    public Builder archiveAttempts(int value) {
      archiveAttempts = value;
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

    public Builder chunkDir(Path value) {
      chunkDir = value;
      return this;
    }

    public Builder readMode(ReadMode value) {
      readMode = value;
      return this;
    }

    public Builder readTimeout(Duration value) {
      readTimeout = value;
      return this;
    }

    public Builder readParallelism(int value) {
      readParallelism = value;
      return this;
    }

    public Builder readAheadBytes(long value) {
      readAheadBytes = value;
      return this;
    }

    public Builder restoreAfterReads(double value) {
      restoreAfterReads = value;
      return this;
    }

    public Builder restoreCoverage(double value) {
      restoreCoverage = value;
      return this;
    }

    public Builder deleteDelay(Duration value) {
      deleteDelay = value;
      return this;
    }

    public Builder verify(VerifyOptions value) {
      verify = value;
      return this;
    }

    public Builder outage(OutageOptions value) {
      outage = value;
      return this;
    }

    public Builder sweepInterval(Duration value) {
      sweepInterval = value;
      return this;
    }

    public Builder sweepGrace(Duration value) {
      sweepGrace = value;
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
          uploadLimitBytesPerSecond,
          downloadLimitBytesPerSecond,
          archiveParallelism,
          archiveAttempts,
          restoreParallelism,
          maxQueuedOperations,
          chunkDir,
          readMode,
          readTimeout,
          readParallelism,
          readAheadBytes,
          restoreAfterReads,
          restoreCoverage,
          deleteDelay,
          verify,
          outage,
          sweepInterval,
          sweepGrace);
    }
  }
}
