package io.takhin.tiered.archive;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Notes;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The holds: what they cover is removed by nothing and nobody until they are released. Each is a
 * note in the catalog, which is asked from memory, and an object in the bucket, so that a catalog
 * that is rebuilt from there holds the same.
 *
 * <p>Setting writes the object first, releasing removes it first, and a crash between the two is
 * mended to the side of holding: an object without a note becomes a hold, and a note without an
 * object gets one. Nobody was told that either change had been made.
 *
 * <p>Who removes asks here before, and stands in {@link #removing} meanwhile. So either it sees a
 * new hold, or whoever sets the hold sees it and is told that this much comes too late.
 *
 * <p>Thread-safe. Questions take no lock and no disk; {@link #set} and {@link #release} block.
 */
public final class Holds {
  private static final Logger LOG = LoggerFactory.getLogger(Holds.class);

  /** All are looked through for each removal. */
  static final int MAX_HOLDS = 1000;

  private static final String JSON = ".json";

  private final SegmentCatalog catalog;
  private final SegmentKeys keys;
  private final WriterEpoch writer;
  private final OwnObjects objects;
  private final Notes<Hold> notes;
  private final StepObserver steps;

  /** The names that somebody changes at this moment. */
  private final Set<String> changing = ConcurrentHashMap.newKeySet();

  /** The segments that somebody removes at this moment. */
  private final ConcurrentMap<SegmentId, SegmentMetadata> removing = new ConcurrentHashMap<>();

  /** Whether bucket and catalog were found, or made, to hold the same since the start. */
  private volatile boolean agreed;

  /**
   * @throws CatalogException.Unwritable if the catalog file holds what is not a hold
   */
  public Holds(
      SegmentCatalog catalog,
      ObjectStore store,
      SegmentKeys keys,
      WriterEpoch writer,
      StepObserver steps)
      throws CatalogException {
    this.catalog = catalog;
    this.notes = catalog.notes(Hold.NOTES);
    this.objects = new OwnObjects(store);
    this.keys = keys;
    this.writer = writer;
    this.steps = steps;
  }

  /**
   * Reads a hold as it lies in the bucket.
   *
   * @throws IOException if it is none, naming the key
   */
  public static Hold parse(ObjectKey key, byte[] json) throws IOException {
    try {
      Hold hold = Hold.parse(new String(json, StandardCharsets.UTF_8));
      if (!key.value().endsWith("/" + hold.name() + ".json")) {
        throw new IllegalArgumentException("expected it at its own name, it says " + hold.name());
      }
      return hold;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IOException("unreadable hold: key=" + key + " problem=" + e.getMessage(), e);
    }
  }

  /** All holds by name; a live view that cannot be changed. */
  public Collection<Hold> all() {
    return Collections.unmodifiableCollection(notes.all().values());
  }

  public Optional<Hold> find(String name) {
    return notes.find(name);
  }

  public boolean covers(SegmentMetadata segment) {
    return covering(segment).isPresent();
  }

  /** A hold that keeps any record of the segment. */
  public Optional<Hold> covering(SegmentMetadata segment) {
    return notes.all().values().stream().filter(hold -> hold.covers(segment)).findFirst();
  }

  /** How many segments are held; looks through the partitions that holds name. */
  public long heldSegments() {
    Set<PartitionId> partitions = new HashSet<>();
    for (Hold hold : all()) {
      catalog.partitions().stream().filter(hold::concerns).forEach(partitions::add);
    }
    return partitions.stream()
        .flatMap(partition -> catalog.segments(partition).stream())
        .filter(this::covers)
        .count();
  }

  /** A hold that keeps any record there is or may come of the topic. */
  public Optional<Hold> onTopic(String topic) {
    return notes.all().values().stream().filter(hold -> hold.topic().equals(topic)).findFirst();
  }

  /** A hold that keeps any offset of the half-open range. */
  public Optional<Hold> covering(PartitionId partition, long from, long to) {
    return notes.all().values().stream()
        .filter(hold -> hold.covers(partition, from, to))
        .findFirst();
  }

  /** The first held offset of the partition at or behind the given one: no log may start later. */
  public OptionalLong firstHeldOffset(PartitionId partition, long from) {
    return notes.all().values().stream()
        .map(hold -> hold.firstOffset(partition, from))
        .filter(OptionalLong::isPresent)
        .mapToLong(OptionalLong::getAsLong)
        .min();
  }

  /**
   * A hold that was set.
   *
   * @param tooLate segments it covers whose objects were being removed at that moment
   */
  public record Placement(Hold hold, List<SegmentMetadata> tooLate) {}

  /**
   * Sets a hold. When this returns it is in force, durably, in the catalog and in the bucket.
   * Setting the same again changes nothing.
   *
   * @throws HoldConflictException if another of the name keeps something else, somebody changes it
   *     at this moment, or there are too many
   * @throws IOException if the bucket could not be written; setting it again is safe
   */
  public Placement set(Hold hold) throws IOException, CatalogException, HoldConflictException {
    String name = hold.name();
    writer.requireOwner();
    begin(name);
    try {
      Hold wanted = notes.find(name).orElse(hold);
      requireSame(hold, wanted);
      if (notes.find(name).isEmpty() && notes.all().size() >= MAX_HOLDS) {
        throw new HoldConflictException(
            name, "there are " + MAX_HOLDS + " holds, which is the most there can be");
      }
      ObjectKey key = keys.hold(name);
      byte[] json =
          steps.around(
              DurableStep.WRITE_HOLD, hold.first(), () -> objects.create(key, wanted.toJson()));
      Hold standing = parse(key, json);
      requireSame(hold, standing);
      record(standing);
      LOG.info("hold_set hold={} topic={} reason=\"{}\"", name, hold.topic(), hold.reason());
      return new Placement(standing, removing.values().stream().filter(standing::covers).toList());
    } finally {
      changing.remove(name);
    }
  }

  private void begin(String name) throws HoldConflictException {
    if (!changing.add(name)) {
      throw new HoldConflictException(name, "somebody changes it at this moment");
    }
  }

  private static void requireSame(Hold asked, Hold standing) throws HoldConflictException {
    if (!asked.isSameAs(standing)) {
      throw new HoldConflictException(
          asked.name(), "it exists and is another, release it first; it is " + standing);
    }
  }

  private void record(Hold hold) throws CatalogException {
    steps.around(
        DurableStep.RECORD_HOLD,
        hold.first(),
        () -> {
          notes.put(hold.name(), hold);
          return hold;
        });
  }

  /**
   * Releases a hold. When this returns it is gone from bucket and catalog; what it alone kept may
   * be removed from then on.
   *
   * @return false if there is none of the name
   * @throws HoldConflictException if somebody changes it at this moment
   * @throws IOException if the bucket could not be changed; it is still in force
   */
  public boolean release(String name) throws IOException, CatalogException, HoldConflictException {
    Hold.requireName(name);
    writer.requireOwnerNow();
    begin(name);
    try {
      Optional<Hold> hold = notes.find(name);
      if (hold.isEmpty()) {
        return false;
      }
      SegmentId first = hold.get().first();
      steps.around(
          DurableStep.REMOVE_HOLD,
          first,
          () -> {
            objects.delete(keys.hold(name));
            return name;
          });
      steps.around(
          DurableStep.RECORD_RELEASE,
          first,
          () -> {
            notes.remove(name);
            return name;
          });
      LOG.info("hold_released hold={} topic={}", name, hold.get().topic());
      return true;
    } finally {
      changing.remove(name);
    }
  }

  /**
   * Makes bucket and catalog agree, once after each start, as the class says. Nothing is removed
   * before that. Blocks, and holds the monitor meanwhile, which nothing else waits for: who comes
   * second waits for the first, because only then do both agree.
   *
   * @return whether they do; if not, somebody was changing a hold, and it is to be asked again
   */
  synchronized boolean agree() throws IOException, CatalogException {
    if (agreed) {
      return true;
    }
    boolean all = true;
    Set<String> standing = new HashSet<>();
    String folder = keys.holdsFolder();
    for (ObjectKey key : objects.list(folder)) {
      String file = key.value().substring(folder.length());
      String name = file.endsWith(JSON) ? file.substring(0, file.length() - JSON.length()) : file;
      standing.add(name);
      all &= unlessChanging(name, () -> takeOver(key, name));
    }
    for (String name : List.copyOf(notes.all().keySet())) {
      if (!standing.contains(name)) {
        all &= unlessChanging(name, () -> writeAgain(name));
      }
    }
    agreed = all;
    return all;
  }

  /** A part of {@link #agree}. */
  @FunctionalInterface
  private interface Mending {
    void run() throws IOException, CatalogException;
  }

  /** Returns false if somebody changes it at this moment. */
  private boolean unlessChanging(String name, Mending mending)
      throws IOException, CatalogException {
    if (!changing.add(name)) {
      return false;
    }
    try {
      mending.run();
      return true;
    } finally {
      changing.remove(name);
    }
  }

  private void takeOver(ObjectKey key, String name) throws IOException, CatalogException {
    if (notes.find(name).isPresent()) {
      return;
    }
    Optional<byte[]> json = objects.read(key);
    if (json.isEmpty()) {
      return; // Released since it was listed.
    }
    Hold hold;
    try {
      hold = parse(key, json.get());
    } catch (IOException e) {
      LOG.error(
          "hold_unreadable key={} problem=\"{}\" action=\"correct or remove the object; it keeps"
              + " nothing until then\"",
          key,
          e.getMessage());
      return;
    }
    record(hold);
    LOG.info("hold_taken_over hold={} topic={} key={}", name, hold.topic(), key);
  }

  private void writeAgain(String name) throws IOException, CatalogException {
    Optional<Hold> hold = notes.find(name);
    if (hold.isPresent()) {
      writer.requireOwner();
      ObjectKey key = keys.hold(name);
      steps.around(
          DurableStep.WRITE_HOLD,
          hold.get().first(),
          () -> objects.create(key, hold.get().toJson()));
      LOG.warn("hold_written_again hold={} key={} reason=\"the bucket lacked it\"", name, key);
    }
  }

  /**
   * To be stood in while a segment is removed for good.
   *
   * @throws HeldException if it is kept
   * @throws SegmentBusyException if the holds in the bucket are not known yet
   */
  Removal removing(SegmentMetadata segment) throws HeldException, SegmentBusyException {
    SegmentId id = segment.id();
    if (!agreed) {
      throw new SegmentBusyException(id, "the holds in the bucket are not known yet");
    }
    removing.put(id, segment);
    Optional<Hold> hold = covering(segment); // After it is said, so that one sees the other.
    if (hold.isPresent()) {
      removing.remove(id);
      throw new HeldException(id, hold.get());
    }
    return new Removal(id);
  }

  /** Closed when the removal has ended, however. */
  final class Removal implements AutoCloseable {
    private final SegmentId id;

    private Removal(SegmentId id) {
      this.id = id;
    }

    SegmentId id() {
      return id;
    }

    @Override
    public void close() {
      removing.remove(id);
    }
  }
}
