package io.takhin.testkit.history;

import io.takhin.tiered.Seamed;
import io.takhin.tiered.TieredOptions;
import io.takhin.tiered.TieredStats;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.disk.DiskMarks;
import io.takhin.tiered.disk.DiskUsage;
import io.takhin.tiered.disk.OutageOptions;
import io.takhin.tiered.disk.OutagePolicy;
import io.takhin.tiered.read.ReadMode;
import io.takhin.tiered.rebuild.CatalogRebuild;
import io.takhin.tiered.rebuild.RebuildOptions;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.verify.Level;
import io.takhin.tiered.verify.VerifyOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.awaitility.Awaitility;

/**
 * A machine on which processes of the archiver live one after another. A crash leaves what was on
 * the disk at that moment, as a copy, and the process that died is put away without any power. The
 * driver of the history starts and ends processes; everything else is for any thread.
 */
final class Machine implements AutoCloseable {
  static final String PREFIX = "cluster";

  /** What the tests' own machine has on its disks is nothing to a history. */
  static final OutageOptions EMPTY_DISK =
      new OutageOptions(
          OutagePolicy.HOLD,
          DiskMarks.DEFAULT,
          directory -> new DiskUsage(0, 1_000),
          Duration.ofDays(1));

  /** So small that a segment or two make the difference. */
  static final long DISK_BYTES = 40_000;

  private static final Duration LONG_ENOUGH = Duration.ofSeconds(30);
  private static final long LARGE_CACHE_BYTES = 1L << 30;
  private static final String CATALOG = ".catalog";

  private final Path base;
  private final ObjectStore bucket;
  private final SteppedClock clock;
  private final BiConsumer<DurableStep, SegmentId> witness;
  private final long cacheBytes;
  private final ReadMode readMode;
  private final Duration minResidency;
  private final Duration deleteDelay;
  private final Set<DurableStep> steps = EnumSet.noneOf(DurableStep.class);
  private final AtomicInteger refusedSpace = new AtomicInteger();
  private volatile boolean diskFull;
  private volatile long diskUsedBytes;
  private volatile boolean catalogFull;
  private volatile Running now;
  private int roots;

  /** What ends with the power. */
  record Running(Path root, Power power, TieredStorageManager tiers) {}

  /**
   * @param witness told right before each durable step
   */
  Machine(
      Path base,
      ObjectStore bucket,
      SteppedClock clock,
      Random random,
      BiConsumer<DurableStep, SegmentId> witness)
      throws Exception {
    this.base = base;
    this.bucket = bucket;
    this.clock = clock;
    this.witness = witness;
    this.cacheBytes = List.of(0L, 8_000L, LARGE_CACHE_BYTES).get(random.nextInt(3));
    this.readMode = List.of(ReadMode.values()).get(random.nextInt(ReadMode.values().length));
    this.minResidency = random.nextInt(4) == 0 ? Duration.ofHours(1) : Duration.ZERO;
    this.deleteDelay = random.nextInt(3) == 0 ? Duration.ofHours(1) : Duration.ZERO;
    this.now = start(Files.createDirectories(base.resolve("root-0")), newPower());
  }

  private Power newPower() {
    return new Power(bucket, witness);
  }

  private Running start(Path root, Power power) throws CatalogException, IOException {
    return new Running(
        root, power, Seamed.open(options(root), power.wire(), clock, power, this::usableBytes));
  }

  private TieredOptions options(Path root) {
    return TieredOptions.builder(root)
        .keyPrefix(PREFIX)
        .warmAge(Duration.ofHours(1))
        .coldAge(Duration.ofHours(2))
        .minResidency(minResidency)
        .deleteDelay(deleteDelay)
        // The history says when; what was broken off is looked after at each start.
        .archiveInterval(Duration.ofDays(1))
        .partSizeBytes(5 << 20)
        .localCacheBytes(cacheBytes)
        .readMode(readMode)
        .readAheadBytes(0)
        .verify(
            VerifyOptions.DEFAULT
                .with(Duration.ZERO, 0, 0, Level.CHECKSUMS)
                .withDelays(Duration.ZERO, Duration.ofMillis(1)))
        .sweepInterval(Duration.ZERO)
        .sweepGrace(Duration.ZERO)
        .outage(
            new OutageOptions(
                OutagePolicy.SHED,
                DiskMarks.DEFAULT,
                directory -> new DiskUsage(diskUsedBytes, DISK_BYTES),
                Duration.ofDays(1)))
        .build();
  }

  private long usableBytes(Path directory) {
    if (diskFull) {
      refusedSpace.incrementAndGet();
      return 0;
    }
    return Long.MAX_VALUE;
  }

  TieredStorageManager tiers() {
    return now.tiers();
  }

  Path root() {
    return now.root();
  }

  Power power() {
    return now.power();
  }

  /** Whether the segment's log lies here. */
  boolean hasFiles(SegmentId id) throws IOException {
    return new LocalCopies(
            new DirectorySegments(root()), new DirectorySegments(root().resolve(".restored")))
        .exists(id);
  }

  /** How long deleted segments can come back. */
  Duration deleteDelay() {
    return deleteDelay;
  }

  /** Whether the local cache is so large that nothing is freed for want of room. */
  boolean keepsWhatIsRestored() {
    return cacheBytes == LARGE_CACHE_BYTES;
  }

  /** The durable steps that were made on it. */
  Set<DurableStep> steps() {
    Set<DurableStep> all = EnumSet.copyOf(now.power().made());
    all.addAll(steps);
    return all;
  }

  /** How much the disk says is used; unlike {@link #diskFull}, downloads find room all the same. */
  void diskUsed(long bytes) {
    diskUsedBytes = bytes;
  }

  /** Whether the use is such that data may be given up. */
  boolean mayShed() {
    return diskUsedBytes >= DiskMarks.DEFAULT.fullBytes(DISK_BYTES);
  }

  void diskFull(boolean full) {
    diskFull = full;
  }

  /** How often a full disk was met. */
  int refusedSpace() {
    return refusedSpace.get();
  }

  /**
   * Has the catalog's database refuse every write, as on a disk without space. By a trigger, which
   * another connection can make and which is true for all of them.
   */
  void catalogFull(boolean full) throws SQLException {
    if (full == catalogFull) {
      return;
    }
    Path file = root().resolve(CATALOG).resolve("segments.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 5000");
      for (String table : List.of("segment", "note")) {
        for (String write : List.of("INSERT", "UPDATE", "DELETE")) {
          String name = "full_" + table + "_" + write;
          statement.execute(
              full
                  ? "CREATE TRIGGER "
                      + name
                      + " BEFORE "
                      + write
                      + " ON "
                      + table
                      + " BEGIN SELECT RAISE(FAIL, 'injected: disk full'); END"
                  : "DROP TRIGGER " + name);
        }
      }
    }
    catalogFull = full;
  }

  /** Waits until nothing is under way. */
  void awaitQuiet() {
    if (!isQuiet()) {
      Awaitility.await("nothing under way")
          .dontCatchUncaughtExceptions() // Threads die with the power.
          .atMost(LONG_ENOUGH)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(this::isQuiet);
    }
  }

  private boolean isQuiet() {
    TieredStats stats = tiers().stats();
    return stats.operationsUnderWay() == 0 && tiers().readStats().chunksUnderWay() == 0;
  }

  /** Ends the process in good order and starts the next on the same disk. */
  void restart() throws CatalogException, IOException {
    end(now);
    now = start(now.root(), newPower());
  }

  /**
   * Cuts the power, if it is not off already, and starts on what is left.
   *
   * @param nextCutIn when the power of the next process is cut, in moments; negative for never
   */
  void crash(int nextCutIn) throws Exception {
    now.power().cut();
    awaitQuiet();
    Running dead = now;
    Path image = base.resolve("root-" + ++roots);
    DiskImage.copy(dead.root(), image);
    end(dead);
    DiskImage.delete(dead.root());
    Power power = newPower();
    if (nextCutIn >= 0) {
      power.cutIn(nextCutIn);
    }
    try {
      now = start(image, power);
    } catch (PowerLoss e) {
      steps.addAll(power.made());
      now = start(image, newPower());
    }
  }

  /**
   * Starts another process on the same bucket, on a disk that nobody has used.
   *
   * @return to be given to {@link #end} and {@link DiskImage#delete} in the end
   */
  Running stranger() throws CatalogException, IOException {
    return start(Files.createDirectories(base.resolve("root-" + ++roots)), newPower());
  }

  /**
   * Copies the disk while the process on it goes on, as when a machine is taken for dead that is
   * not, and starts the next one on the copy.
   *
   * @return the process that goes on; to be given to {@link #end} and {@link DiskImage#delete}
   */
  Running replaceAlive() throws Exception {
    Running old = now;
    Path image = base.resolve("root-" + ++roots);
    DiskImage.copyAlive(old.root(), image, CATALOG);
    now = start(image, newPower());
    return old;
  }

  /** The process and its disk are gone. Only {@link #rebuild} is of any use then. */
  void lose() throws CatalogException, IOException {
    end(now);
    DiskImage.delete(now.root());
    catalogFull = false; // That was the disk that is gone.
  }

  /**
   * Starts the next process with nothing but the bucket. What the rebuild says is wrong with the
   * bucket is not believed at once: it is repeated when all works.
   *
   * @param working the bucket without any fault on the way
   */
  void rebuild(ObjectStore working) throws Exception {
    Path root = Files.createDirectories(base.resolve("root-" + ++roots));
    Power power = newPower();
    RebuildOptions options = RebuildOptions.fromBucketAlone(PREFIX);
    Path file = options(root).catalogFile();
    for (ObjectStore store : List.of(power.wire(), working)) {
      try {
        if (Files.exists(file) || rebuild(store, options, file, power)) {
          CatalogRebuild.takeOver(store, options, file, clock);
          now = start(root, power);
          return;
        }
      } catch (IOException e) {
        if (store == working) {
          throw e;
        }
      }
    }
    throw new AssertionError("no rebuild from a bucket with which nothing is wrong");
  }

  private static boolean rebuild(ObjectStore store, RebuildOptions options, Path file, Power power)
      throws Exception {
    try (CatalogRebuild rebuild = CatalogRebuild.begin(store, options, file, power)) {
      boolean whole = rebuild.fill().damageCount() == 0;
      if (whole) {
        rebuild.place();
      }
      return whole;
    }
  }

  void end(Running process) throws CatalogException {
    steps.addAll(process.power().made());
    process.tiers().close();
  }

  @Override
  public void close() throws CatalogException, IOException {
    end(now);
    DiskImage.delete(base);
  }
}
