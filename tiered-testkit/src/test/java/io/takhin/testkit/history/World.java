package io.takhin.testkit.history;

import io.takhin.testkit.FaultStore;
import io.takhin.testkit.LyingStore;
import io.takhin.testkit.history.Model.Fate;
import io.takhin.testkit.history.Model.Written;
import io.takhin.tiered.Deletions.Undeletion;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.archive.Hold;
import io.takhin.tiered.archive.SweepResult;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.read.CachedRange;
import io.takhin.tiered.read.LeasedSegment;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.memory.MemoryStore;
import io.takhin.tiered.verify.Level;
import io.takhin.tiered.verify.VerifyReport;
import io.takhin.tiered.verify.VerifyRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A broker as the archiver sees it: it writes segments and registers them, reads, deletes, and owns
 * its own files. With the bucket behind it, what can go wrong on the way, and what must be true.
 * Several threads may act on it; what changes the fate of segments takes turns, because the model
 * could not tell otherwise what came first.
 */
final class World implements AutoCloseable {
  static final List<PartitionId> PARTITIONS =
      List.of(
          new PartitionId("orders", 0),
          new PartitionId("orders", 1),
          new PartitionId("payments", 0));

  private static final long WAIT_SECONDS = 30;
  private static final int MAX_READERS = 3;
  private static final String HOLD_OF = "keep-";

  final SteppedClock clock = new SteppedClock();
  final MemoryStore bucket = new MemoryStore(clock, 5L << 20);
  final LyingStore lies = new LyingStore(bucket);
  final FaultStore faults = new FaultStore(lies);
  final Model model = new Model();
  final Truth truth = new Truth(this);
  final Machine machine;

  /** What was found that must not be; a history ends with the first. */
  final Queue<String> violations = new ConcurrentLinkedQueue<>();

  /** Whose objects were tampered with, or arrived when nobody waited for them any more. */
  private final Set<SegmentId> tampered = ConcurrentHashMap.newKeySet();

  private volatile boolean otherWriters;
  private final AtomicBoolean lying = new AtomicBoolean();
  private final AtomicInteger refusedByCatalog = new AtomicInteger();
  private final Queue<LeasedSegment> readers = new ConcurrentLinkedQueue<>();

  World(Path base, Random random) throws Exception {
    this.machine = new Machine(base, faults, clock, random, truth::witness);
  }

  TieredStorageManager tiers() {
    return machine.tiers();
  }

  /** Writes a segment and offers it; it is offered again by {@link #registerAll} if that fails. */
  synchronized Written produce(PartitionId partition, int logBytes)
      throws IOException, CatalogException {
    Written written = model.append(partition, logBytes, clock.millis());
    Path directory = Files.createDirectories(machine.root().resolve(partition.directory()));
    for (Map.Entry<FileKind, byte[]> file : written.files().entrySet()) {
      Files.write(directory.resolve(file.getKey().fileName(written.id())), file.getValue());
    }
    tiers().register(written.sealed);
    written.registered();
    return written;
  }

  /** Offers what could not be registered so far. */
  synchronized void registerAll() throws CatalogException {
    for (Written written : model.all()) {
      if (!written.isRegistered() && !written.isGivenUp() && written.fate() == Fate.KEPT) {
        tiers().register(written.sealed);
        written.registered();
      }
    }
  }

  /** Opens a segment and keeps it open. */
  void hold(SegmentId id) throws Exception {
    while (readers.size() >= MAX_READERS) {
      letGo();
    }
    readers.add(await(tiers().open(id, "history")));
  }

  void letGo() {
    LeasedSegment oldest = readers.poll();
    if (oldest != null) {
      oldest.close();
    }
  }

  void letAllGo() {
    while (!readers.isEmpty()) {
      letGo();
    }
  }

  /** Reads all of the segment's files by way of the hook and compares them. */
  void readWhole(Written written) throws Exception {
    boolean wasKept = written.fate() == Fate.KEPT;
    try (LeasedSegment leased = await(tiers().open(written.id(), "history"))) {
      for (Map.Entry<FileKind, byte[]> file : written.files().entrySet()) {
        Path path = leased.files().path(file.getKey()).orElse(null);
        if (path == null && !(wasKept && written.fate() == Fate.KEPT)) {
          continue; // A broker deletes its files whoever reads them.
        }
        if (path == null || !Arrays.equals(Files.readAllBytes(path), file.getValue())) {
          violations.add("wrong bytes by the hook: " + written.id() + " " + file.getKey());
        }
      }
    }
  }

  /** Streams a range of one of the segment's files and compares it. */
  void readRange(Written written, FileKind kind, int position, int maxBytes) throws Exception {
    byte[] expected = written.file(kind);
    int end = Math.min(expected.length, position + maxBytes);
    try (CachedRange range =
        await(tiers().reader(written.id()).read(kind, position, end - position, maxBytes))) {
      ByteBuffer got = ByteBuffer.allocate(range.lengthBytes());
      range.readFully(0, got);
      if (range.lengthBytes() != end - position
          || !Arrays.equals(got.array(), Arrays.copyOfRange(expected, position, end))) {
        violations.add(
            "wrong bytes streamed: "
                + written.id()
                + " "
                + kind
                + " at "
                + position
                + " expected="
                + (end - position)
                + " got="
                + range.lengthBytes());
      }
    }
  }

  /** Has segments deleted, and then deletes the log's own files, as a broker does. */
  synchronized void deleteBelow(PartitionId partition, long offset) throws Exception {
    List<Written> below =
        model.below(partition, offset).stream().filter(one -> !model.isHeld(one.id())).toList();
    below.forEach(Written::deleteAsked);
    await(
        offset == Long.MAX_VALUE
            ? tiers().deletePartition(partition)
            : tiers().deleteBelow(partition, offset));
    DirectorySegments own = new DirectorySegments(machine.root());
    for (Written written : below) {
      if (tiers().holds().onTopic(partition.topic()).isPresent()) {
        continue; // A hold that was not told to have been set, or was not told to be over.
      }
      written.deleted();
      if (Files.isDirectory(own.directory(partition))) {
        own.free(written.id());
      }
    }
  }

  /** Brings back what is deleted and not removed yet; returns how many came. */
  synchronized int undelete(String topic) throws Exception {
    List<Written> gone =
        model.all().stream()
            .filter(one -> one.id().partition().topic().equals(topic))
            .filter(one -> one.fate() != Fate.KEPT && tiers().find(one.id()).isPresent())
            .toList();
    gone.forEach(Written::undeleteAsked);
    Undeletion done = await(tiers().deletions().undeleteTopic(topic, "history"));
    DirectorySegments own = new DirectorySegments(machine.root());
    for (Written written : gone) {
      Optional<SegmentState> state = tiers().find(written.id()).map(SegmentMetadata::state);
      if (state.isPresent() && !(state.get() instanceof SegmentState.Deleting)) {
        written.undeleted();
        if (state.get() instanceof SegmentState.RemoteOnly
            && Files.isDirectory(own.directory(written.id().partition()))) {
          own.free(written.id()); // Left where a deletion was broken off.
        }
      }
    }
    return done.restored();
  }

  /** Keeps a topic; until this returns nobody knows whether it is kept. */
  synchronized void setHold(String topic) throws Exception {
    tiers().holds().set(Hold.ofTopic(HOLD_OF + topic, topic, "history", clock.millis()));
    if (model.all().stream().noneMatch(one -> isAskedToGo(one, topic))) {
      model.holds(topic);
    }
  }

  /** What was asked to go before the hold came may go or not. */
  private static boolean isAskedToGo(Written written, String topic) {
    return written.fate() == Fate.DELETE_ASKED && written.id().partition().topic().equals(topic);
  }

  synchronized void releaseHold(String topic) throws Exception {
    model.mayHold(topic);
    tiers().holds().release(HOLD_OF + topic);
  }

  void releaseAll() throws Exception {
    for (Hold hold : List.copyOf(tiers().holds().all())) {
      releaseHold(hold.topic());
    }
  }

  /** Removes what has no owner, however young. */
  SweepResult sweep() throws Exception {
    return await(tiers().sweeper().sweep()).result();
  }

  /** Looks at all objects as the store describes them, and repairs what it can. */
  VerifyReport verify() throws Exception {
    VerifyRequest request = new VerifyRequest(Level.CHECKSUMS, null, true);
    return await(tiers().verifier().begin(request).outcome());
  }

  /** One that was written, wherever it is now; the first there is, if need be. */
  Written anyWritten(Random random) throws Exception {
    Optional<Written> written = model.any(random);
    return written.isPresent() ? written.get() : produce(PARTITIONS.get(0), 1_000);
  }

  static ObjectKey tombstone(SegmentId id) {
    return key(id, "tombstone.json");
  }

  static ObjectKey key(SegmentId id, String extension) {
    return new ObjectKey(
        Machine.PREFIX + "/" + id.partition().directory() + "/" + id.fileStem() + "." + extension);
  }

  /** What the bucket really holds. */
  Optional<byte[]> object(ObjectKey key) throws IOException {
    Optional<StoredObject> found = bucket.head(key);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bucket.read(key, 0, found.get().sizeBytes(), null, Channels.newChannel(bytes));
    return Optional.of(bytes.toByteArray());
  }

  /** Lets the puts arrive that their senders gave up; what they leave may belong to nobody. */
  void deliverLate() throws StoreException {
    for (ObjectKey key : faults.deliverLate()) {
      tamperedWith(key.value());
    }
  }

  /** Some process of which the present one knows nothing may have left what it did not finish. */
  void otherWriters() {
    otherWriters = true;
  }

  boolean hadOtherWriters() {
    return otherWriters;
  }

  /** Returns false if a lie is being told already. */
  boolean beginLie() {
    return lying.compareAndSet(false, true);
  }

  void endLie() {
    lying.set(false);
  }

  /** From now on, what the bucket holds of this segment need not be named by anybody. */
  void tamperedWith(String key) {
    if (!isOwn(key)) {
      tampered.add(segmentOf(key));
    }
  }

  /**
   * Whether the archiver keeps it for itself: who writes, holds and gaps, and no segment's data.
   */
  static boolean isOwn(String key) {
    return key.startsWith(Machine.PREFIX + "/.takhin/");
  }

  boolean isTamperedWith(SegmentId id) {
    return tampered.contains(id);
  }

  /** Which segment the object is a part of. */
  static SegmentId segmentOf(String key) {
    String path = key.substring(Machine.PREFIX.length() + 1);
    return SegmentId.parse(path.substring(0, path.indexOf('.')) + ".log");
  }

  /** Takes note of a failure that some fault has to be the reason for. */
  void noticed(Throwable failure) {
    for (Throwable one = failure; one != null; one = one.getCause()) {
      if (String.valueOf(one.getMessage()).contains("injected: disk full")) {
        refusedByCatalog.incrementAndGet();
        return;
      }
    }
  }

  /** How often a full catalog was met. */
  int refusedByCatalog() {
    return refusedByCatalog.get();
  }

  /** Of all that there is, what the catalog holds. */
  List<SegmentMetadata> catalog() {
    return tiers().partitions().stream()
        .flatMap(partition -> tiers().segments(partition).stream())
        .sorted((a, b) -> a.id().compareTo(b.id()))
        .toList();
  }

  /** The result, or the failure itself. */
  static <T> T await(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof PowerLoss powerLoss) {
          throw powerLoss; // However many futures it went through.
        }
      }
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw e;
    } catch (TimeoutException e) {
      throw new AssertionError("no outcome within " + WAIT_SECONDS + " s", e);
    }
  }

  @Override
  public void close() throws CatalogException, IOException {
    letAllGo();
    machine.close();
  }
}
