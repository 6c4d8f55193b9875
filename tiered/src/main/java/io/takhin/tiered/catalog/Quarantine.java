package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.SegmentId;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segments that fail for reasons of their own, such as a file that cannot be read or an object
 * that is refused. One entry per segment, durable, and of no meaning for any other segment: whoever
 * has a failure of the store does not report it here.
 *
 * <pre>
 *  failed ──► waiting ──(next attempt is due)──► tried again ──► succeeded: gone
 *                ▲                                   │
 *                └───────────── failed ◄─────────────┘
 *                                  └── the last allowed: quarantined ──(release)──► gone
 *  add ────────────────────────────────────────────► quarantined
 * </pre>
 *
 * <p>The first failure may be retried at once, each further one waits twice as long as the one
 * before, up to {@link #LONGEST_WAIT}; without this a segment that can never succeed would take its
 * turn in every pass. A quarantined segment is left alone until somebody asks for another attempt;
 * its local files and what is proved of it are served as before.
 *
 * <p>Thread-safe. Questions cost no disk; what throws {@link CatalogException} waits for it, and
 * must not be called by a {@link CatalogListener}.
 */
public final class Quarantine {
  /** Longest time between two attempts. */
  static final Duration LONGEST_WAIT = Duration.ofHours(24);

  /** Beyond this something is wrong with more than segments, and a list of them helps nobody. */
  static final int MAX_ENTRIES = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);

  private final Notes<QuarantineEntry> notes;
  private final int attemptsAllowed;
  private final Duration firstWait;
  private final Clock clock;

  private Quarantine(
      Notes<QuarantineEntry> notes, int attemptsAllowed, Duration firstWait, Clock clock) {
    this.notes = notes;
    this.attemptsAllowed = attemptsAllowed;
    this.firstWait = firstWait;
    this.clock = clock;
  }

  /**
   * The entries that the catalog's file holds; those of segments that it no longer knows are
   * removed. Called once for a catalog.
   *
   * @param attemptsAllowed failures with which a segment is quarantined, 1 or more
   * @param firstWait between the second attempt and the third; above 0
   */
  public static Quarantine open(
      SegmentCatalog catalog, int attemptsAllowed, Duration firstWait, Clock clock)
      throws CatalogException {
    if (attemptsAllowed < 1 || firstWait.isNegative() || firstWait.isZero()) {
      throw new IllegalArgumentException(
          "invalid quarantine: expected attemptsAllowed >= 1 and firstWait > 0, got"
              + " attemptsAllowed="
              + attemptsAllowed
              + " firstWait="
              + firstWait);
    }
    Quarantine opened =
        new Quarantine(catalog.notes(QuarantineEntry.FORMAT), attemptsAllowed, firstWait, clock);
    opened.removeUnknown(catalog);
    return opened;
  }

  /** What is known of segments that are gone; it stays for now on a disk that takes no write. */
  private void removeUnknown(SegmentCatalog catalog) {
    try {
      for (QuarantineEntry entry : List.copyOf(notes.all().values())) {
        if (catalog.find(entry.segment()).isEmpty()) {
          notes.remove(entry.segment().path());
        }
      }
    } catch (CatalogException e) {
      LOG.warn(
          "quarantine_not_cleaned error=\"{}\" action=\"make room if the disk is full; it is tried"
              + " again at the next start\"",
          e.toString());
    }
  }

  /** What is known against the segment, quarantined or not yet. */
  public Optional<QuarantineEntry> find(SegmentId id) {
    return notes.find(id.path());
  }

  /** All entries in the order of their paths, those that are still being retried included. */
  public List<QuarantineEntry> all() {
    return List.copyOf(notes.all().values());
  }

  /** Whether the segment may be worked on by itself at the given time. */
  public boolean mayTry(SegmentId id, long nowMillis) {
    return find(id).map(entry -> entry.nextAttemptAtMillis() <= nowMillis).orElse(true);
  }

  public boolean isQuarantined(SegmentId id) {
    return find(id).map(QuarantineEntry::isQuarantined).orElse(false);
  }

  /** How many segments are quarantined, for each stage; looks through all entries. */
  public Map<QuarantineStage, Integer> counts() {
    Map<QuarantineStage, Integer> counts = new EnumMap<>(QuarantineStage.class);
    for (QuarantineStage stage : QuarantineStage.values()) {
      counts.put(stage, 0);
    }
    for (QuarantineEntry entry : notes.all().values()) {
      if (entry.isQuarantined()) {
        counts.merge(entry.stage(), 1, Integer::sum);
      }
    }
    return counts;
  }

  /**
   * Notes one more failure of the segment's own, and quarantines it if that was the last allowed.
   *
   * @param reason what failed, on which object, expected and got; shortened where it is too long
   * @return what is known against it now
   */
  public QuarantineEntry failed(SegmentId id, QuarantineStage stage, String reason)
      throws CatalogException {
    return failed(id, stage, reason, Long.MAX_VALUE);
  }

  /**
   * As {@link #failed(SegmentId, QuarantineStage, String)}, for a failure that may be others' as
   * well: it is counted and spaced, but leads to quarantine only when others fared better.
   *
   * @param othersMovedAtMillis when another segment passed last; only one since the first failure
   *     of this segment is evidence
   */
  public QuarantineEntry failed(
      SegmentId id, QuarantineStage stage, String reason, long othersMovedAtMillis)
      throws CatalogException {
    return note(id, stage, reason, othersMovedAtMillis, false);
  }

  /** Quarantines the segment at once, whatever was known against it. */
  public QuarantineEntry add(SegmentId id, QuarantineStage stage, String reason)
      throws CatalogException {
    return note(id, stage, reason, Long.MAX_VALUE, true);
  }

  private QuarantineEntry note(
      SegmentId id, QuarantineStage stage, String reason, long othersMovedAtMillis, boolean isFinal)
      throws CatalogException {
    long now = clock.millis();
    boolean wasQuarantined = isQuarantined(id);
    QuarantineEntry noted =
        notes
            .update(
                id.path(),
                known -> {
                  int attempts = known.map(QuarantineEntry::attempts).orElse(0) + 1;
                  long first = known.map(QuarantineEntry::firstFailedAtMillis).orElse(now);
                  boolean ends =
                      isFinal
                          || (attempts >= attemptsAllowed && othersMovedAtMillis >= first)
                          || known.map(QuarantineEntry::isQuarantined).orElse(false);
                  return Optional.of(
                      new QuarantineEntry(
                          id,
                          stage,
                          reason,
                          first,
                          now,
                          attempts,
                          ends ? QuarantineEntry.NEVER : now + waitMillis(attempts)));
                },
                MAX_ENTRIES)
            .orElseThrow();
    if (noted.isQuarantined() && !wasQuarantined) {
      LOG.warn(
          "segment_quarantined segment={} stage={} attempts={} reason=\"{}\" action=\"remove the"
              + " cause, then ask for another attempt: takhin quarantine retry {}\"",
          id,
          stage.label(),
          noted.attempts(),
          noted.reason(),
          id);
    }
    return noted;
  }

  private long waitMillis(int attempts) {
    if (attempts <= 1) {
      return 0;
    }
    int doublings = Math.min(attempts - 2, 30); // 2^30 times a millisecond is above the longest.
    long longest = LONGEST_WAIT.toMillis();
    long first = Math.min(longest, firstWait.toMillis());
    return Math.min(longest, first << doublings);
  }

  /** Forgets what is known against the segment if it is of this stage, which it has passed now. */
  public void succeeded(SegmentId id, QuarantineStage stage) throws CatalogException {
    if (find(id).filter(entry -> entry.stage() == stage).isPresent()) {
      notes.remove(id.path());
    }
  }

  /**
   * Forgets what is known against the segment, because somebody wants another attempt, or because
   * it is gone.
   *
   * @return whether something was
   */
  public boolean release(SegmentId id) throws CatalogException {
    if (find(id).isEmpty()) {
      return false;
    }
    notes.remove(id.path());
    return true;
  }
}
