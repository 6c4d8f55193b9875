package io.takhin.tiered.verify;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Notes;
import io.takhin.tiered.store.StoreException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes round and round through everything, within its budget. Reports only: what it finds it leaves
 * to whoever asks for a repair.
 *
 * <p>Runs on one thread of the verifier. How far it is, is durable every now and then, so that a
 * restart goes on from there. While the store is down it stands still.
 */
final class BackgroundRounds implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(BackgroundRounds.class);

  /** Segments between two writes of the position. */
  private static final int SEGMENTS_PER_NOTE = 200;

  private static final Duration LONGEST_POLL = Duration.ofSeconds(30);
  private static final Duration FIRST_WAIT = Duration.ofHours(1);
  private static final Duration SHORTEST_POLL = Duration.ofMillis(10);
  private static final int POLLS_PER_INTERVAL = 20;

  private final Notes<Cursor> notes;
  private final VerifyOptions options;
  private final Rounds rounds;
  private final Pauses pauses;
  private final Clock clock;
  private final Duration poll;
  private volatile Cursor cursor;
  private volatile @Nullable String waitingFor;
  private volatile @Nullable Tally tally;
  private int sinceNote;

  /** How a round is made. */
  interface Rounds {
    /** Counts for a run that begins now. */
    Tally tally(VerifyRequest request);

    /** Goes on from a position to the end, and tells how far it is. */
    void goThrough(Tally tally, Position from, Consumer<Position> progress)
        throws IOException, CatalogException, InterruptedException;
  }

  BackgroundRounds(
      Notes<Cursor> notes, VerifyOptions options, Rounds rounds, Pauses pauses, Clock clock) {
    this.notes = notes;
    this.options = options;
    this.rounds = rounds;
    this.pauses = pauses;
    this.clock = clock;
    this.cursor = notes.find(Cursor.KEY).orElseGet(() -> Cursor.first(clock.millis()));
    Duration part = options.interval().dividedBy(POLLS_PER_INTERVAL);
    Duration atMost = part.compareTo(LONGEST_POLL) < 0 ? part : LONGEST_POLL;
    this.poll = atMost.compareTo(SHORTEST_POLL) < 0 ? SHORTEST_POLL : atMost;
  }

  @Override
  public void run() {
    try {
      if (notes.find(Cursor.KEY).isEmpty()) {
        note(cursor); // From now on segments wait to be looked at, also over a restart.
      }
      while (true) {
        if (cursor.isInRound() || isDue()) {
          round();
        }
        pauses.pause(poll);
      }
    } catch (InterruptedException e) {
      LOG.debug("verify_background_ended"); // It was closed.
    } catch (CatalogException e) {
      waitingFor = e.getMessage();
      LOG.error(
          "verify_background_stopped action=\"see the error; it begins again with the process\"",
          e);
    }
  }

  /** The very first round leaves a process that has just started alone for a while. */
  private boolean isDue() {
    boolean isFirst = cursor.lastBeganMillis() == 0;
    Duration wait =
        isFirst && options.interval().compareTo(FIRST_WAIT) > 0 ? FIRST_WAIT : options.interval();
    long since = isFirst ? cursor.firstMillis() : cursor.lastBeganMillis();
    return clock.millis() - since >= wait.toMillis();
  }

  private void round() throws InterruptedException, CatalogException {
    if (!cursor.isInRound()) {
      note(cursor.began(clock.millis()));
    }
    long found = cursor.findings();
    Tally now = rounds.tally(new VerifyRequest(options.level(), null, false));
    tally = now;
    waitingFor = null;
    try {
      rounds.goThrough(now, cursor.position(), position -> advance(position, found, now));
      now.ended(clock.millis(), null);
      long findings = found + now.report().findingCount();
      note(cursor.ended(clock.millis(), findings));
      LOG.info(
          "verify_round_ended segments={} findings={}", now.report().segmentsChecked(), findings);
    } catch (StoreException.Unavailable | StoreException.Rejected e) {
      now.ended(clock.millis(), e.getMessage());
      stopped(e);
      pauses.pause(poll);
    } catch (IOException | UncheckedFailure e) {
      now.ended(clock.millis(), e.getMessage());
      stopped(e);
      pauses.pause(LONGEST_POLL);
    } finally {
      note(cursor);
    }
  }

  private void stopped(Exception e) {
    waitingFor = e.getMessage();
    LOG.warn(
        "verify_round_stands_still at={} error=\"{}\" action=\"none if the store is down, it goes on"
            + " by itself; else see the error\"",
        cursor.position(),
        e.toString());
  }

  private void advance(Position position, long foundBefore, Tally now) {
    cursor = cursor.at(position, foundBefore + now.report().findingCount());
    if (++sinceNote >= SEGMENTS_PER_NOTE) {
      sinceNote = 0;
      try {
        note(cursor);
      } catch (CatalogException e) {
        throw new UncheckedFailure(e);
      }
    }
  }

  /** Carries a failure of the catalog out of a callback. */
  private static final class UncheckedFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UncheckedFailure(CatalogException cause) {
      super(cause.getMessage(), cause);
    }
  }

  private void note(Cursor next) throws CatalogException {
    cursor = next;
    notes.put(Cursor.KEY, next);
  }

  BackgroundState state() {
    Cursor now = cursor;
    return new BackgroundState(
        options,
        now.roundMillis(),
        now.isInRound() ? now.position().directory() : "",
        now.lastBeganMillis(),
        now.lastEndedMillis(),
        now.lastFindings(),
        oldestUnverifiedAgeSeconds(),
        waitingFor,
        Optional.ofNullable(tally).map(Tally::report).orElse(null));
  }

  double oldestUnverifiedAgeSeconds() {
    return options.isOn() ? Math.max(0, clock.millis() - cursor.oldestLookMillis()) / 1000.0 : 0;
  }

  double lastRoundSeconds() {
    return cursor.lastEndedMillis() / 1000.0;
  }
}
