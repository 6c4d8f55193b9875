package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of every sealed segment: in memory for whoever asks, in a SQLite file for the
 * restart.
 *
 * <p>Reads take no lock and cost the same for ten segments as for a million. Every change of a
 * segment's state goes through {@link #transition}, and a change is durable before anybody can see
 * it. One writer thread, started by {@link #open} and ended by {@link #close}, gives the changes
 * their order and commits those that wait together as one transaction.
 *
 * <table>
 * <caption>Operation by what the catalog holds</caption>
 * <tr><th></th><th>unknown</th><th>in state {@code from}</th><th>in state {@code to}</th><th>in
 * another state</th></tr>
 * <tr><td>register</td><td>added</td><td colspan="3">nothing changes, what is known is
 * returned</td></tr>
 * <tr><td>transition</td><td>UnknownSegment</td><td>moved</td><td>nothing changes, what is known is
 * returned</td><td>Conflict</td></tr>
 * <tr><td>forget</td><td>nothing to do</td><td>removed</td><td>–</td><td>Conflict</td></tr>
 * <tr><td>touch, reclassify</td><td>nothing to do</td><td colspan="3">changed in memory</td></tr>
 * </table>
 *
 * <p>Which moves are legal, {@link SegmentState} says; another one is an {@link
 * IllegalArgumentException}. A state is equal to another when its intent or receipt is, too: an
 * attempt that lost against another cannot commit in its name.
 *
 * <p>Thread-safe. Calls that throw {@link CatalogException} wait for the disk.
 */
public final class SegmentCatalog implements AutoCloseable {
  /**
   * Segments looked at for one page at most, so that a rare filter cannot make a page expensive.
   */
  private static final int MAX_VISITED_PER_PAGE = 10_000;

  /** A newer access within this time is not worth a write. */
  private static final long TOUCH_RESOLUTION_MILLIS = 1_000;

  private final SegmentMap map;
  private final CatalogFile file;
  private final CatalogWriter writer;
  private final Clock clock;
  private final SegmentLeases leases = new SegmentLeases();
  private final AtomicBoolean open = new AtomicBoolean(true);

  private final Map<String, List<NoteRow>> storedNotes;

  private SegmentCatalog(
      SegmentMap map, Map<String, List<NoteRow>> storedNotes, CatalogFile file, Clock clock) {
    this.map = map;
    this.storedNotes = storedNotes;
    this.file = file;
    this.clock = clock;
    this.writer = new CatalogWriter(file, map);
  }

  /**
   * Opens the catalog, loads every segment and starts the writer thread.
   *
   * @param databaseFile created with its directory when it is missing
   * @param clock tells the access time of a segment that was just restored
   * @throws CatalogException.Unwritable if the file cannot be used: it is damaged, of another
   *     program or of a newer release, read-only, or in use by another catalog
   */
  public static SegmentCatalog open(Path databaseFile, Clock clock) throws CatalogException {
    CatalogFile file = CatalogFile.open(databaseFile);
    try {
      SegmentMap map = new SegmentMap();
      file.load(map::put);
      Map<String, List<NoteRow>> notes = new HashMap<>();
      file.loadNotes(note -> notes.computeIfAbsent(note.kind(), k -> new ArrayList<>()).add(note));
      SegmentCatalog catalog = new SegmentCatalog(map, notes, file, clock);
      catalog.writer.start();
      return catalog;
    } catch (CatalogException e) {
      try {
        file.close();
      } catch (CatalogException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** What is known of the segment. */
  public Optional<SegmentMetadata> find(SegmentId id) {
    return Optional.ofNullable(map.get(id));
  }

  /** The segment with {@code baseOffset <= offset < endOffset}. */
  public Optional<SegmentMetadata> covering(PartitionId partition, long offset) {
    return map.partition(partition).flatMap(segments -> segments.covering(offset));
  }

  /** The partition's segments in offset order; a copy. */
  public List<SegmentMetadata> segments(PartitionId partition) {
    return map.partition(partition).map(PartitionSegments::all).orElse(List.of());
  }

  /** The partitions that have segments, in their order; a live view that cannot be changed. */
  public NavigableSet<PartitionId> partitions() {
    return map.partitions();
  }

  /** Hands on every segment in the order of the ids; not a snapshot. */
  public void forEach(Consumer<SegmentMetadata> visitor) {
    map.visitAll(
        segment -> {
          visitor.accept(segment);
          return true;
        });
  }

  /**
   * One page in the order of the ids.
   *
   * @param after where the page before ended; null for the first
   * @param max segments on the page at most, 1 or more
   */
  public SegmentPage list(SegmentFilter filter, @Nullable SegmentId after, int max) {
    return new SegmentLister(map, MAX_VISITED_PER_PAGE).list(filter, after, max);
  }

  /** Sums over all segments; does not grow with their number. */
  public CatalogStats stats() {
    return map.stats();
  }

  /** Who uses which segment's local files. */
  public SegmentLeases leases() {
    return leases;
  }

  /**
   * The notes of a kind, as the file holds them. Called once for each kind, at the start.
   *
   * @throws CatalogException.Unwritable if the file cannot be read, or holds a note that the format
   *     does not understand
   */
  public <T> Notes<T> notes(Notes.Format<T> format) throws CatalogException {
    Notes<T> notes = new Notes<>(format, writer);
    for (NoteRow row : storedNotes.getOrDefault(format.kind(), List.of())) {
      try {
        notes.load(row.key(), Objects.requireNonNull(row.body()));
      } catch (IllegalArgumentException e) {
        throw file.damaged("note kind=" + row.kind() + " key=" + row.key(), e);
      }
    }
    return notes;
  }

  /** Has the listener told of every change from now on. */
  public void addListener(CatalogListener listener) {
    writer.addListener(listener);
  }

  /**
   * Adds a segment; durable when this returns. A known one stays as it is, whatever is said of it
   * here.
   *
   * @return what the catalog holds
   */
  public SegmentMetadata register(SegmentMetadata segment) throws CatalogException {
    return registerAll(List.of(segment)).get(0);
  }

  /** Adds segments as one transaction; all or none are durable. */
  public List<SegmentMetadata> registerAll(Collection<SegmentMetadata> segments)
      throws CatalogException {
    return writer.submit(
        staging -> {
          List<SegmentMetadata> held = new ArrayList<>(segments.size());
          for (SegmentMetadata segment : segments) {
            SegmentMetadata known = staging.current(segment.id());
            if (known == null) {
              staging.put(null, segment, "registered");
            }
            held.add(known == null ? segment : known);
          }
          return held;
        });
  }

  /**
   * Moves a segment from one state to the next: the only way to change a state. Checks, makes the
   * change durable, shows it, logs both states and the reason, and counts it. Repeating a move that
   * was made is not an error.
   *
   * @param from what the caller saw
   * @param to made by a method of {@code from}
   * @param reason for the log
   * @return what the catalog holds after it
   * @throws CatalogException.UnknownSegment if it was never registered, or was forgotten
   * @throws CatalogException.Conflict if the segment is in a third state
   * @throws CatalogException.Unwritable if it could not be made durable; nothing has changed
   */
  public SegmentMetadata transition(SegmentId id, SegmentState from, SegmentState to, String reason)
      throws CatalogException {
    LegalMoves.requireLegal(id, from, to);
    return writer.submit(
        staging -> {
          SegmentMetadata current = staging.current(id);
          if (current == null) {
            throw new CatalogException.UnknownSegment(id);
          }
          if (current.state().equals(to)) {
            return current;
          }
          if (!current.state().equals(from)) {
            throw new CatalogException.Conflict(current, from, to.label());
          }
          SegmentMetadata after = moved(current, to);
          staging.put(current, after, reason);
          return after;
        });
  }

  /**
   * Replaces a segment's proof by another one of the same log, and its size by that of the log:
   * after its indexes had to be made anew, or because a row was found to be wrong.
   *
   * @param seen in the state that the caller saw
   * @return what the catalog holds after it
   * @throws CatalogException.UnknownSegment if it was forgotten
   * @throws CatalogException.Conflict if the segment is in another state
   */
  public SegmentMetadata amend(SegmentMetadata seen, Receipt receipt, String reason)
      throws CatalogException {
    SegmentId id = seen.id();
    SegmentState to = LegalMoves.amended(id, seen.state(), receipt);
    return writer.submit(
        staging -> {
          SegmentMetadata current = staging.current(id);
          if (current == null) {
            throw new CatalogException.UnknownSegment(id);
          }
          if (!current.state().equals(seen.state())) {
            throw new CatalogException.Conflict(current, seen.state(), "amended");
          }
          SegmentMetadata after = current.withState(to).withSizeBytes(receipt.log().sizeBytes());
          staging.put(current, after, reason);
          return after;
        });
  }

  /** A segment that comes back was just accessed, or the next policy run would undo it. */
  private SegmentMetadata moved(SegmentMetadata current, SegmentState to) {
    SegmentMetadata moved = current.withState(to);
    if (!to.isLocal()) {
      return moved.withTier(Tier.COLD);
    }
    if (to instanceof SegmentState.Restored) {
      return moved
          .withTier(Tier.HOT)
          .withLastAccessMillis(Math.max(clock.millis(), current.lastAccessMillis()));
    }
    return moved;
  }

  /**
   * Removes a segment: a local one whose topic is deleted, or one whose objects are gone.
   *
   * @param from Local or Deleting, as the caller saw it
   * @throws CatalogException.Conflict if the segment is in another state
   */
  public void forget(SegmentId id, SegmentState from, String reason) throws CatalogException {
    LegalMoves.requireForgettable(id, from);
    writer.submit(
        staging -> {
          SegmentMetadata current = staging.current(id);
          if (current == null) {
            return id;
          }
          if (!current.state().equals(from)) {
            throw new CatalogException.Conflict(current, from, "forgotten");
          }
          staging.remove(current, reason);
          return id;
        });
  }

  /** Notes where the policy says the segment belongs; in memory only. */
  public void reclassify(SegmentId id, Tier tier) {
    SegmentMetadata current = map.get(id);
    if (current != null && current.tier() != tier) {
      map.update(id, segment -> segment.withTier(tier));
    }
  }

  /**
   * Notes that the segment was read. Cheap enough for the read path: it never waits for the disk.
   * The time is durable within seconds.
   */
  public void touch(SegmentId id, long nowMillis) {
    SegmentMetadata current = map.get(id);
    if (current == null || nowMillis - current.lastAccessMillis() < TOUCH_RESOLUTION_MILLIS) {
      return;
    }
    map.update(
        id,
        segment ->
            segment.lastAccessMillis() < nowMillis
                ? segment.withLastAccessMillis(nowMillis)
                : segment);
    writer.touched(id);
  }

  /**
   * Writes what is queued and the access times, then closes the file; a change that comes later is
   * refused. A second call does nothing. An interrupt does not end the wait for the disk.
   */
  @Override
  public void close() throws CatalogException {
    if (open.compareAndSet(true, false)) {
      writer.close();
      file.close();
    }
  }
}
