package io.takhin.tiered.archive;

import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.catalog.QuarantineStage;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.policy.TierActions;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.transfer.ObjectMismatchException;
import io.takhin.tiered.transfer.SegmentTasks;
import io.takhin.tiered.transfer.SegmentTasks.Kind;
import io.takhin.tiered.transfer.Workers;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the moves of segments in the background, counts them, and lets callers who ask for the same
 * move of the same segment share one. No method blocks.
 *
 * <p>Uploads have threads of their own, so that a store that takes them slowly does not keep local
 * space from being freed. The futures fail with the move's own exception.
 */
public final class SegmentMover implements TierActions {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentMover.class);

  private final Lanes lanes;
  private final Archiver archiver;
  private final LocalReclaimer reclaimer;
  private final SegmentRemover remover;
  private final Isolation isolation;
  private final MeterRegistry meters;

  /**
   * Where moves run.
   *
   * @param tasks one operation at a time for each segment
   * @param uploads carry what sends files
   * @param moves carry the rest: a few requests each
   */
  public record Lanes(SegmentTasks<SegmentMetadata> tasks, Workers uploads, Workers moves) {}

  public SegmentMover(
      Lanes lanes,
      Archiver archiver,
      LocalReclaimer reclaimer,
      SegmentRemover remover,
      Isolation isolation,
      MeterRegistry meters) {
    this.lanes = lanes;
    this.archiver = archiver;
    this.reclaimer = reclaimer;
    this.remover = remover;
    this.isolation = isolation;
    this.meters = meters;
  }

  /**
   * Uploads a segment that is only here, and then frees its local files, unless they have to stay
   * for now: that does not fail, because the segment is archived, which is what was asked.
   */
  @Override
  public CompletableFuture<SegmentMetadata> archive(SegmentId id, String reason) {
    return lanes.tasks().run(id, Kind.ARCHIVE, lanes.uploads(), () -> uploadAndFree(id, reason));
  }

  /** Frees the local files of a proved segment, or fails if that is not allowed now. */
  @Override
  public CompletableFuture<SegmentMetadata> reclaim(SegmentId id, String reason) {
    return lanes.tasks().run(id, Kind.RECLAIM, lanes.moves(), () -> free(id, reason));
  }

  /** Ends an attempt to archive that was broken off by a crash or by a store that went away. */
  CompletableFuture<SegmentMetadata> settle(SegmentId id, String reason) {
    return lanes
        .tasks()
        .run(
            id,
            Kind.SETTLE,
            lanes.moves(),
            () ->
                isolation
                    .run(
                        id,
                        QuarantineStage.ARCHIVE,
                        () -> new Move(archiver.settle(id, reason), false))
                    .segment());
  }

  /**
   * Marks a segment for removal, durably; from then on it cannot be read. Follow with {@link
   * #remove}.
   */
  public CompletableFuture<SegmentMetadata> delete(SegmentId id, String reason) {
    return lanes
        .tasks()
        .run(
            id,
            Kind.DELETE,
            lanes.moves(),
            () ->
                isolation
                    .run(
                        id, QuarantineStage.DELETE, () -> new Move(remover.mark(id, reason), false))
                    .segment());
  }

  /** Says in the bucket that a segment is deleted whose objects stay for a time. */
  CompletableFuture<SegmentMetadata> tombstone(SegmentId id) {
    return lanes.tasks().run(id, Kind.TOMBSTONE, lanes.moves(), () -> remover.tombstone(id));
  }

  /** Brings a segment back that is deleted and not removed yet. */
  public CompletableFuture<SegmentMetadata> undelete(SegmentId id, String reason) {
    return lanes.tasks().run(id, Kind.UNDELETE, lanes.moves(), () -> remover.undelete(id, reason));
  }

  /** Removes the objects of a segment that is marked, and forgets it. */
  public CompletableFuture<SegmentMetadata> remove(SegmentId id, String reason) {
    return lanes.tasks().run(id, Kind.REMOVE, lanes.moves(), () -> takeAway(id, reason));
  }

  /**
   * Does something to what lies in the bucket under the segment's name while no other operation of
   * the segment runs. The segment need not be known.
   */
  CompletableFuture<Boolean> alone(SegmentId id, Callable<Boolean> task) {
    return lanes.tasks().runAlone(id, lanes.moves(), task);
  }

  /** Whether something is under way for the segment. */
  boolean isBusy(SegmentId id) {
    return lanes.tasks().underWay(id).isPresent();
  }

  /** Whether nobody but perhaps {@link #settle} is at work on the segment. */
  boolean isBrokenOff(SegmentId id) {
    return lanes.tasks().underWay(id).map(kind -> kind == Kind.SETTLE).orElse(true);
  }

  private SegmentMetadata uploadAndFree(SegmentId id, String reason) throws Exception {
    SegmentMetadata archived = upload(id, reason);
    try {
      return free(id, reason);
    } catch (SegmentBusyException e) {
      LOG.debug("reclaim_deferred segment={} reason=\"{}\"", id, e.getMessage());
      return archived;
    }
  }

  private SegmentMetadata upload(SegmentId id, String reason) throws Exception {
    Move move =
        isolation.run(
            id,
            QuarantineStage.ARCHIVE,
            () -> counted("tiered.storage.archive.operations", () -> archiver.archive(id, reason)));
    if (move.made()) {
      meters
          .counter("tiered.storage.archived.bytes")
          .increment((double) move.segment().sizeBytes());
    }
    return move.segment();
  }

  private SegmentMetadata free(SegmentId id, String reason) throws Exception {
    Move move =
        isolation.run(
            id,
            QuarantineStage.RECLAIM,
            () ->
                counted("tiered.storage.reclaim.operations", () -> reclaimer.reclaim(id, reason)));
    if (move.made()) {
      meters
          .counter("tiered.storage.reclaimed.bytes")
          .increment((double) move.segment().sizeBytes());
      freeSuccessor(move.segment());
    }
    return move.segment();
  }

  /**
   * A log may give its segments away from the oldest on only, and may have refused the next one
   * until now. Without this it would wait for the next policy run, which may be an hour away.
   */
  private void freeSuccessor(SegmentMetadata freed) {
    reclaimer
        .archivedSuccessor(freed)
        .ifPresent(
            next -> {
              // If it is refused again, for another reason, the policy asks again.
              CompletableFuture<SegmentMetadata> unused = reclaim(next, "an older segment left");
            });
  }

  private SegmentMetadata takeAway(SegmentId id, String reason) throws Exception {
    return isolation
        .run(
            id,
            QuarantineStage.DELETE,
            () -> counted("tiered.storage.remove.operations", () -> remover.remove(id, reason)))
        .segment();
  }

  /** Calls that found nothing to do are not operations, and not counted. */
  private Move counted(String meter, Callable<Move> operation) throws Exception {
    String outcome = "failure";
    try {
      Move move = operation.call();
      outcome = move.made() ? "success" : "";
      return move;
    } catch (SegmentBusyException e) {
      outcome = "busy";
      throw e;
    } catch (HeldException e) {
      outcome = "held";
      throw e;
    } catch (StoreException.Retained e) {
      outcome = "retained";
      throw e;
    } catch (ObjectMismatchException e) {
      outcome = "mismatch";
      throw e;
    } catch (AnotherWriterException e) {
      outcome = "another_writer";
      throw e;
    } finally {
      if (!outcome.isEmpty()) {
        meters.counter(meter, "outcome", outcome).increment();
      }
    }
  }
}
