package io.takhin.tiered.archive;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.archive.WriterClaims.Newest;
import io.takhin.tiered.archive.WriterStatus.State;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Notes;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who writes to a prefix: whoever took the newest epoch, an object created under a condition, so
 * that of two who try at the same time one gets it.
 *
 * <p>Each start takes the next epoch, if the newest is one of a start on the same data directory
 * before; then a session that was thought dead, or runs on a copy, finds a newer epoch and stops. A
 * prefix whose newest epoch is somebody else's is left alone until somebody calls {@link
 * #takeOver}. What is stopped is archiving, freeing what was archived, and removing; reading is
 * not.
 *
 * <p>Whether the own epoch is still the newest is asked again before each of them. Between that
 * question and what it allows there is time, in which another may take over. For an upload this
 * does no harm, however long it is: data objects and manifests are created under a condition and
 * replace nothing. So an answer may serve for {@link #ANSWER_SERVES}. A removal is preceded by an
 * answer of its own, and who takes over frees no local files for {@link #SETTLES_FOR}, which is
 * longer than a request of the other is under way with all its retries (150 s by default): what the
 * other removes of the new owner's in that time is found missing, while the local copy exists, by
 * the question that precedes freeing.
 *
 * <p>Epochs are looked for at the next number first and then at the own: old ones are removed from
 * the lowest on, so a next one that was removed already means that the own one is gone as well.
 *
 * <p>Thread-safe. One lock orders the changes of what is held, and is kept while the store and the
 * catalog are asked for them, since a second try at the same time could only be in the way. Whoever
 * holds another lock does not call this.
 */
public final class WriterEpoch {
  private static final Logger LOG = LoggerFactory.getLogger(WriterEpoch.class);

  /** How long an answer serves for what can replace and remove nothing. */
  private static final Duration ANSWER_SERVES = Duration.ofSeconds(5);

  /** How long whoever took over waits before it frees local files. */
  static final Duration SETTLES_FOR = Duration.ofMinutes(5);

  /** The newest and what came before it, for whoever wants to know who it was. */
  private static final int EPOCHS_KEPT = 3;

  /** Looks at what stands there; a try to take the next comes between two of them. */
  private static final int MAX_TRIES = 4;

  private final Notes<WriterNote> notes;
  private final WriterClaims claims;
  private final ObjectStore store;
  private final SegmentKeys keys;
  private final Clock clock;
  private final StepObserver steps;
  private final String session = UUID.randomUUID().toString();

  @GuardedBy("this")
  private WriterNote note;

  /** Written under the lock, read without: a value of its own. */
  private volatile @Nullable Held held;

  private volatile WriterStatus status;

  /** When the own epoch was last seen to be the newest. */
  private volatile long seenMillis;

  private volatile long settledFromMillis = Long.MIN_VALUE;

  /** The own epoch as the store holds it. */
  private record Held(long epoch, ObjectKey key, String etag) {}

  private WriterEpoch(
      Notes<WriterNote> notes,
      ObjectStore store,
      SegmentKeys keys,
      Clock clock,
      StepObserver steps) {
    this.notes = notes;
    this.claims = new WriterClaims(store, keys);
    this.store = store;
    this.keys = keys;
    this.clock = clock;
    this.steps = steps;
    this.note =
        notes
            .find(WriterNote.KEY)
            .orElseGet(() -> new WriterNote(UUID.randomUUID().toString(), 0, List.of()));
    this.status = new WriterStatus(State.WAITING, note.writerId(), 0, clock.millis(), null);
  }

  /** Knows the writer of the catalog; asks the store nothing yet. Called once for a catalog. */
  public static WriterEpoch open(
      SegmentCatalog catalog, ObjectStore store, SegmentKeys keys, Clock clock, StepObserver steps)
      throws CatalogException {
    return new WriterEpoch(catalog.notes(WriterNote.FORMAT), store, keys, clock, steps);
  }

  /** How things stand, as far as is known; asks nobody. */
  public WriterStatus status() {
    return status;
  }

  /** Takes the prefix if that was not done yet, and else looks whether it still is ours. */
  public void refresh() {
    try {
      requireOwner();
    } catch (WriterStoppedException e) {
      LOG.debug("writer_stopped problem=\"{}\"", e.getMessage()); // Logged when it was stopped.
    } catch (IOException | CatalogException e) {
      LOG.debug("writer_unknown error=\"{}\" action=\"none, it is tried again\"", e.toString());
    }
  }

  /**
   * Before what can replace and remove nothing: an answer of the last seconds will do.
   *
   * @throws WriterStoppedException if somebody else has the prefix
   * @throws StoreException if the store does not tell
   */
  public void requireOwner() throws IOException, CatalogException {
    Held mine = held;
    if (status.isStopped() || mine == null) {
      claim(false, mine);
    } else if (Math.abs(clock.millis() - seenMillis) > ANSWER_SERVES.toMillis()) {
      requireNewest(mine);
    }
  }

  /**
   * Before objects are removed: the store is asked now.
   *
   * @throws WriterStoppedException if somebody else has the prefix
   * @throws StoreException if the store does not tell
   */
  public void requireOwnerNow() throws IOException, CatalogException {
    Held mine = held;
    if (status.isStopped() || mine == null) {
      claim(false, mine);
    } else {
      requireNewest(mine);
    }
  }

  /**
   * Before local files are freed that were never restored.
   *
   * @throws SegmentBusyException if the prefix was taken over a moment ago
   */
  void requireSettled(SegmentId id) throws SegmentBusyException {
    if (clock.millis() < settledFromMillis) {
      throw new SegmentBusyException(
          id,
          "the prefix was taken over, the other writer's last requests are waited for until "
              + Instant.ofEpochMilli(settledFromMillis));
    }
  }

  /**
   * Takes the prefix, whoever has it; whoever had it stops. For an operator who knows that the
   * other has ended for good, and for a data directory that was made anew from the bucket.
   */
  public WriterStatus takeOver() throws IOException, CatalogException {
    claim(true, held);
    return status;
  }

  /**
   * Asks the store for an object that is there, to learn whether it answers.
   *
   * @throws StoreException if it does not
   */
  void probe() throws StoreException {
    Held mine = held;
    Optional<StoredObject> unused = store.head(mine == null ? keys.writer(1) : mine.key());
  }

  private void requireNewest(Held mine) throws IOException, CatalogException {
    long askedMillis = clock.millis();
    boolean newer = store.head(keys.writer(mine.epoch() + 1)).isPresent();
    boolean stands =
        !newer
            && store
                .head(mine.key())
                .map(StoredObject::etag)
                .filter(mine.etag()::equals)
                .isPresent();
    if (stands) {
      seenMillis = askedMillis;
    } else {
      claim(false, mine);
    }
  }

  /**
   * @param seen what the caller saw as held: if it is something else by now, somebody was first
   */
  private synchronized void claim(boolean byForce, @Nullable Held seen)
      throws IOException, CatalogException {
    if (!byForce) {
      WriterStatus known = status;
      if (known.isStopped()) {
        throw new WriterStoppedException(String.valueOf(known.problem()));
      }
      if (held != null && !held.equals(seen)) {
        return;
      }
    }
    for (int tries = 1; tries <= MAX_TRIES; tries++) {
      long askedMillis = clock.millis();
      Optional<Newest> newest = claims.newest();
      if (newest.isPresent() && isMine(newest.get())) {
        hold(newest.get(), askedMillis);
        return;
      }
      if (newest.isPresent() && !isOurs(newest.get())) {
        if (!byForce) {
          throw stop(newest.get());
        }
        settledFromMillis = clock.millis() + SETTLES_FOR.toMillis();
      }
      try {
        // Never further than the next: a gap would hide it from whoever has the one before.
        take(1 + newest.map(Newest::epoch).orElse(note.epoch()));
      } catch (StoreException.PreconditionFailed e) {
        LOG.info("epoch_contended problem=\"{}\"", e.getMessage());
      }
      // Whatever the answer was, what stands there counts, and is looked at next.
    }
    throw new StoreException.Unavailable(
        "the prefix is contended, no epoch could be taken: prefix=" + keys.writers(), null);
  }

  private boolean isMine(Newest newest) {
    WriterClaim claim = newest.claim();
    return claim != null && claim.session().equals(session);
  }

  @GuardedBy("this")
  private boolean isOurs(Newest newest) {
    WriterClaim claim = newest.claim();
    return claim != null && note.sessions().contains(claim.session());
  }

  /** Notes durably what is tried for, then creates it. */
  @GuardedBy("this")
  private void take(long epoch) throws IOException, CatalogException {
    WriterNote next = note.tryingFor(epoch, session);
    steps.around(
        DurableStep.RECORD_WRITER,
        StepObserver.NO_SEGMENT,
        () -> {
          notes.put(WriterNote.KEY, next);
          return next;
        });
    note = next;
    ByteBuffer json =
        ByteBuffer.wrap(WriterClaim.of(epoch, next.writerId(), session, clock.millis()).toJson());
    PutOptions ifAbsent = new PutOptions(true, WriterClaim.CONTENT_TYPE, Map.of());
    steps.around(
        DurableStep.CREATE_EPOCH,
        StepObserver.NO_SEGMENT,
        () -> store.put(keys.writer(epoch), json, Crc32c.of(json), ifAbsent));
  }

  @GuardedBy("this")
  private void hold(Newest newest, long askedMillis) {
    held = new Held(newest.epoch(), newest.key(), newest.etag());
    seenMillis = askedMillis;
    status = new WriterStatus(State.WRITING, note.writerId(), newest.epoch(), clock.millis(), null);
    LOG.info("writer_epoch_taken epoch={} key={}", newest.epoch(), newest.key());
    removeOld(newest.epoch());
  }

  @GuardedBy("this")
  private WriterStoppedException stop(Newest newest) {
    WriterClaim other = newest.claim();
    String who =
        other == null
            ? "somebody whose claim cannot be read (" + newest.problem() + ")"
            : other.writerId().equals(note.writerId())
                ? "another process, on a copy of this data directory or on a newer state of it,"
                : "another writer";
    String problem =
        who
            + " has this prefix; archiving, freeing and removing have stopped, local files are kept:"
            + " key="
            + newest.key()
            + (other == null
                ? ""
                : " writer="
                    + other.writerId()
                    + " session="
                    + other.session()
                    + " since="
                    + Instant.ofEpochMilli(other.startedAtMillis()))
            + " ours="
            + note.writerId()
            + "; give each its own bucket or prefix, or, if the other has ended for good, run"
            + " `takhin writer take-over`";
    status =
        new WriterStatus(State.STOPPED, note.writerId(), status.epoch(), clock.millis(), problem);
    held = null;
    LOG.error("archiving_stopped problem=\"{}\"", problem);
    return new WriterStoppedException(problem);
  }

  /** From the lowest on; what fails is left for the next start. */
  private void removeOld(long newest) {
    try {
      for (long epoch : claims.epochs()) {
        if (epoch <= newest - EPOCHS_KEPT) {
          steps.around(
              DurableStep.REMOVE_EPOCH,
              StepObserver.NO_SEGMENT,
              () -> {
                store.delete(keys.writer(epoch));
                return epoch;
              });
        }
      }
    } catch (StoreException e) {
      LOG.debug("old_epochs_left error=\"{}\"", e.toString());
    }
  }
}
