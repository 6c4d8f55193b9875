package io.takhin.tiered;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.disk.DiskMarks;
import io.takhin.tiered.disk.DiskSpace;
import io.takhin.tiered.disk.DiskUsage;
import io.takhin.tiered.disk.OutageOptions;
import io.takhin.tiered.disk.OutagePolicy;
import io.takhin.tiered.read.LeasedSegment;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.LocalSegments;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.memory.MemoryStore;
import io.takhin.tiered.transfer.FreeSpace;
import io.takhin.tiered.verify.Level;
import io.takhin.tiered.verify.VerifyOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A directory, a bucket and a clock, and the managers a test opens over them. */
final class Site implements AutoCloseable {
  static final Duration WARM = Duration.ofHours(1);
  static final Duration COLD = Duration.ofHours(2);
  private static final long WAIT_SECONDS = 180;

  /** What a test says that the disk holds. */
  final AtomicLong diskUsed = new AtomicLong();

  final Path root;
  final MutableClock clock = new MutableClock(Instant.parse("2026-03-01T00:00:00Z"));
  final MemoryStore bucket = new MemoryStore(clock, ObjectStore.Multipart.MIN_PART_BYTES);
  final FaultyStore store = new FaultyStore(bucket);
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<TieredStorageManager> opened = new ArrayList<>();

  Site(Path root) {
    this.root = root;
  }

  TieredOptions.Builder options() {
    return options(root);
  }

  static TieredOptions.Builder options(Path root) {
    return TieredOptions.builder(root)
        .keyPrefix("cluster")
        .warmAge(WARM)
        .coldAge(COLD)
        // The tests say when; housekeeping at the start runs all the same.
        .archiveInterval(Duration.ofDays(1))
        .verify(VerifyOptions.DEFAULT.with(Duration.ZERO, 0, 0, Level.CHECKSUMS))
        .outage(outage(OutagePolicy.HOLD, directory -> new DiskUsage(0, 1_000)))
        .partSizeBytes(5 << 20);
  }

  /** On a disk of the test's, which is measured when the test says so. */
  static OutageOptions outage(OutagePolicy policy, DiskSpace space) {
    return new OutageOptions(policy, DiskMarks.DEFAULT, space, Duration.ofDays(1));
  }

  TieredStorageManager open() throws Exception {
    return open(UnaryOperator.identity(), Seams.NONE);
  }

  TieredStorageManager open(UnaryOperator<TieredOptions.Builder> change, Seams seams)
      throws Exception {
    return open(change.apply(options()).build(), new DirectorySegments(root), seams);
  }

  TieredStorageManager open(TieredOptions options, LocalSegments local, Seams seams)
      throws CatalogException, IOException {
    TieredStorageManager manager =
        TieredStorageManager.open(options, store, local, meters, clock, seams);
    opened.add(manager);
    return manager;
  }

  static Seams steps(StepObserver steps) {
    return new Seams(steps, FreeSpace.OF_DISK);
  }

  /** Writes a segment of pseudo-random bytes with its two indexes; does not register it. */
  SegmentMetadata write(SegmentId id, int logBytes) throws IOException {
    Path directory = Files.createDirectories(root.resolve(id.partition().directory()));
    Files.write(directory.resolve(FileKind.LOG.fileName(id)), content(id, logBytes));
    Files.write(directory.resolve(FileKind.INDEX.fileName(id)), content(id, 80));
    Files.write(directory.resolve(FileKind.TIMEINDEX.fileName(id)), content(id, 24));
    long now = clock.millis();
    return SegmentMetadata.sealed(id, id.baseOffset() + 100, now, logBytes, now);
  }

  /** The bytes that {@link #write} writes. */
  static byte[] content(SegmentId id, int bytes) {
    byte[] content = new byte[bytes];
    new Random(id.hashCode() * 31L + bytes).nextBytes(content);
    return content;
  }

  /** Writes and registers. */
  SegmentId sealed(TieredStorageManager tiers, long baseOffset, int logBytes) throws Exception {
    SegmentId id = SegmentId.of("orders", 0, baseOffset);
    tiers.register(write(id, logBytes));
    return id;
  }

  /** Writes, registers and archives. */
  SegmentId archived(TieredStorageManager tiers, long baseOffset, int logBytes) throws Exception {
    SegmentId id = sealed(tiers, baseOffset, logBytes);
    await(tiers.archive(id, "test"));
    return id;
  }

  Path localLog(SegmentId id) {
    return root.resolve(id.partition().directory()).resolve(FileKind.LOG.fileName(id));
  }

  static byte[] read(TieredStorageManager tiers, SegmentId id) throws Exception {
    try (LeasedSegment segment = await(tiers.open(id, "test"))) {
      return Files.readAllBytes(segment.files().log());
    }
  }

  /** The result, or the failure itself. */
  static <T> T await(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    } catch (TimeoutException e) {
      throw new AssertionError("no outcome within " + WAIT_SECONDS + " s", e);
    }
  }

  /** Waits until nothing is under way. */
  static void awaitQuiet(TieredStorageManager tiers) {
    if (tiers.stats().operationsUnderWay() > 0) {
      Awaitility.await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> tiers.stats().operationsUnderWay() == 0);
    }
  }

  /** The names of the objects that belong to segments. */
  List<String> keys() throws StoreException {
    return keys(bucket);
  }

  static List<String> keys(ObjectStore store) throws StoreException {
    return store.list("", null, 1000).stream()
        .map(StoredObject::key)
        .filter(key -> !key.value().contains(".takhin/"))
        .map(key -> key.value().substring(key.value().lastIndexOf('/') + 1))
        .toList();
  }

  /** Every regular file below the directory that is not the catalog's, relative to it. */
  static List<String> files(Path root) throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      return walk.filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .filter(file -> !file.startsWith(".catalog"))
          .sorted()
          .toList();
    }
  }

  double count(String meter, String outcome) {
    return meters.counter(meter, "outcome", outcome).count();
  }

  @Override
  public void close() throws CatalogException {
    for (TieredStorageManager manager : opened) {
      manager.close();
    }
  }
}
