package io.takhin.tiered.archive;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Quarantine;
import io.takhin.tiered.catalog.QuarantineEntry;
import io.takhin.tiered.catalog.QuarantineStage;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.policy.AttemptRules;
import io.takhin.tiered.policy.FailureScope;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.transfer.TransferCancelledException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Clock;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the trouble of one segment from becoming that of others: tells a segment's own failures
 * from those of the store, and counts only its own against it.
 *
 * <p>What tells is evidence. After a refusal or a silence of the store, it is asked for an object
 * that is known to be there: if it does not answer that either, the failure is the store's. If it
 * does, the segment's failure is counted as its own; but an answer to a question is no proof that
 * the store takes what is sent, so the count leads to quarantine only when another segment was
 * moved since the first of these failures. A store that refuses everything it is sent therefore
 * quarantines nobody.
 *
 * <p>Neither the one nor the other are: a reader who holds the segment, a cancelled transfer, the
 * end of the process, the catalog's own trouble, and another writer who has the prefix.
 *
 * <p>Thread-safe; {@link #run} blocks for as long as what it runs.
 */
public final class Isolation implements AttemptRules {
  private static final Logger LOG = LoggerFactory.getLogger(Isolation.class);

  /** After the store did not answer, it is not asked again for this long. */
  private static final long SILENCE_SERVES_MILLIS = 5_000;

  private final SegmentCatalog catalog;
  private final Quarantine quarantine;
  private final WriterEpoch writer;
  private final Clock clock;
  private final StepObserver steps;

  /**
   * What was found out about failures that are on their way to whoever asks {@link #scope}; goes
   * with them.
   */
  private final Map<Throwable, FailureScope> verdicts =
      Collections.synchronizedMap(new WeakHashMap<>());

  private volatile long silentAtMillis = Long.MIN_VALUE;
  private volatile long movedAtMillis = Long.MIN_VALUE;
  private volatile boolean closing;

  public Isolation(
      SegmentCatalog catalog,
      Quarantine quarantine,
      WriterEpoch writer,
      Clock clock,
      StepObserver steps) {
    this.catalog = catalog;
    this.quarantine = quarantine;
    this.writer = writer;
    this.clock = clock;
    this.steps = steps;
  }

  @Override
  public FailureScope scope(Throwable failure) {
    FailureScope known = verdicts.get(failure);
    if (known != null) {
      return known;
    }
    return failure instanceof WriterStoppedException || isStores(failure)
        ? FailureScope.STORE
        : FailureScope.SEGMENT;
  }

  @Override
  public long mayTryAtMillis(SegmentId id) {
    return quarantine.find(id).map(QuarantineEntry::nextAttemptAtMillis).orElse(0L);
  }

  /** Whether the segment may be worked on by itself now. */
  public boolean mayTry(SegmentId id) {
    return quarantine.mayTry(id, clock.millis());
  }

  /**
   * Runs a move of the segment, and notes how it ended: a failure of its own is counted, a success
   * ends what was held against it. The move's exception is passed on.
   */
  Move run(SegmentId id, QuarantineStage stage, Callable<Move> operation) throws Exception {
    Move move;
    try {
      move = operation.call();
    } catch (Exception e) {
      note(id, stage, e);
      throw e;
    }
    if (move.made()) {
      movedAtMillis = clock.millis();
    }
    noteSuccess(id, stage);
    return move;
  }

  /** From now on failures are those of the end of the process. */
  public void close() {
    closing = true;
  }

  private void note(SegmentId id, QuarantineStage stage, Exception failure) {
    if (!isCounted(failure)) {
      return;
    }
    boolean doubtful = isStores(failure);
    FailureScope scope =
        !doubtful ? FailureScope.SEGMENT : answers() ? FailureScope.DOUBTFUL : FailureScope.STORE;
    verdicts.put(failure, scope);
    if (scope == FailureScope.STORE || closing || catalog.find(id).isEmpty()) {
      return;
    }
    String reason = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    long othersMovedAtMillis = doubtful ? movedAtMillis : Long.MAX_VALUE;
    try {
      steps.around(
          DurableStep.RECORD_FAILURE,
          id,
          () -> quarantine.failed(id, stage, reason, othersMovedAtMillis));
    } catch (CatalogException e) {
      failure.addSuppressed(e);
    }
  }

  private boolean isCounted(Exception failure) {
    return !(closing
        || Thread.currentThread().isInterrupted()
        || failure instanceof SegmentBusyException
        || failure instanceof HeldException
        || failure instanceof StoreException.Retained
        || failure instanceof TransferCancelledException
        || failure instanceof CatalogException
        || failure instanceof WriterStoppedException
        || failure instanceof InterruptedException
        || failure instanceof InterruptedIOException
        || failure instanceof ClosedByInterruptException);
  }

  /** Whether it may be the store's, by its kind. */
  private static boolean isStores(Throwable failure) {
    return failure instanceof StoreException.Unavailable
        || failure instanceof StoreException.Rejected;
  }

  /** Asks the store for what is there; one at a time, since the first answer serves the others. */
  private synchronized boolean answers() {
    if (Math.abs(clock.millis() - silentAtMillis) < SILENCE_SERVES_MILLIS) {
      return false;
    }
    try {
      writer.probe();
      return true;
    } catch (IOException e) {
      LOG.debug("store_silent error=\"{}\"", e.toString());
      silentAtMillis = clock.millis();
      return false;
    }
  }

  private void noteSuccess(SegmentId id, QuarantineStage stage) {
    try {
      if (quarantine.find(id).isPresent() && hasPassed(id, stage)) {
        release(id);
      }
    } catch (CatalogException e) {
      // The move is made and must not be told to have failed; at worst the list names it still.
      LOG.warn(
          "quarantine_not_updated segment={} error=\"{}\" action=\"free space or repair the disk"
              + " of the catalog\"",
          id,
          e.toString());
    }
  }

  /** Whether what is held against the segment is disproved, or of no meaning any more. */
  private boolean hasPassed(SegmentId id, QuarantineStage stage) {
    Optional<SegmentState> state = catalog.find(id).map(SegmentMetadata::state);
    if (state.isEmpty()) {
      return true;
    }
    boolean sameStage = quarantine.find(id).filter(held -> held.stage() == stage).isPresent();
    return sameStage
        && switch (stage) {
          case ARCHIVE -> state.get().receipt().isPresent();
          case RECLAIM -> !state.get().isLocal();
          case DELETE, READ, VERIFY -> true;
        };
  }

  /**
   * Forgets what is held against the segment, so that it is worked on again.
   *
   * @return whether there was something
   */
  public boolean release(SegmentId id) throws CatalogException {
    return steps.around(DurableStep.RECORD_FAILURE_OVER, id, () -> quarantine.release(id));
  }
}
