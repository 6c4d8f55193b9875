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
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.verify.Level;
import io.takhin.tiered.verify.VerifyOptions;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
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
import java.util.function.Consumer;
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

  private static final Duration LONG_ENOUGH = Duration.ofSeconds(30);
  private static final long LARGE_CACHE_BYTES = 1L << 30;
  private static final String CATALOG = ".catalog";

  private final Path base;
  private final ObjectStore bucket;
  private final SteppedClock clock;
  private final Consumer<SegmentId> onFree;
  private final long cacheBytes;
  private final ReadMode readMode;
  private final Duration minResidency;
  private final Duration deleteDelay;
  private final Set<DurableStep> steps = EnumSet.noneOf(DurableStep.class);
  private final AtomicInteger refusedSpace = new AtomicInteger();
  private volatile boolean diskFull;
  private volatile boolean catalogFull;
  private volatile Running now;
  private int roots;

  /** What ends with the power. */
  private record Running(Path root, Power power, TieredStorageManager tiers) {}

  /**
   * @param onFree told right before local files go
   */
  Machine(
      Path base, ObjectStore bucket, SteppedClock clock, Random random, Consumer<SegmentId> onFree)
      throws Exception {
    this.base = base;
    this.bucket = bucket;
    this.clock = clock;
    this.onFree = onFree;
    this.cacheBytes = List.of(0L, 8_000L, LARGE_CACHE_BYTES).get(random.nextInt(3));
    this.readMode = List.of(ReadMode.values()).get(random.nextInt(ReadMode.values().length));
    this.minResidency = random.nextInt(4) == 0 ? Duration.ofHours(1) : Duration.ZERO;
    this.deleteDelay = random.nextInt(3) == 0 ? Duration.ofHours(1) : Duration.ZERO;
    this.now = start(Files.createDirectories(base.resolve("root-0")), newPower());
  }

  private Power newPower() {
    return new Power(bucket, onFree);
  }

  private Running start(Path root, Power power) throws CatalogException, IOException {
    TieredOptions options =
        TieredOptions.builder(root)
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
            .outage(EMPTY_DISK)
            .build();
    return new Running(
        root, power, Seamed.open(options, power.wire(), clock, power, this::usableBytes));
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
    Path image = copy(dead.root(), base.resolve("root-" + ++roots));
    end(dead);
    delete(dead.root());
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

  private void end(Running process) throws CatalogException {
    steps.addAll(process.power().made());
    process.tiers().close();
  }

  private static Path copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(directory)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path target = to.resolve(from.relativize(file));
            String name = file.getFileName().toString();
            boolean neverChanges = name.matches("\\d{20}\\.[a-z]+");
            try {
              if (neverChanges) {
                Files.createLink(target, file);
              } else {
                Files.copy(file, target);
              }
            } catch (NoSuchFileException e) {
              return FileVisitResult.CONTINUE; // The journal's index comes and goes.
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return to;
  }

  static void delete(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Override
  public void close() throws CatalogException, IOException {
    end(now);
    delete(base);
  }
}
