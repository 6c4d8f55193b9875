package io.takhin.tiered.archive;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentLeases;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.transfer.ObjectMismatchException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees the local files of a proved segment. All of this has to hold, in this order: the catalog
 * holds a receipt; the minimum residency has passed; the prefix is this process's; the store, asked
 * again now, still holds the manifest and every file with the size and the checksum that were
 * computed when the local file was read; no reader has the segment and none can get it meanwhile.
 *
 * <p>Readers come last, so that they are shut out while files are deleted and not while a store is
 * asked that may hang. The state cannot change in between, because a segment has one operation at a
 * time and the catalog refuses a move from a state that is past.
 *
 * <p>A store that confirmed and then lost is found here, while the local copy still exists: the
 * receipt is taken back and the segment is archived anew.
 *
 * <p>The files go before the catalog says so. After a crash between the two the catalog still says
 * that they are here; the start and every reader notice that they are not and correct it, which
 * loses nothing, because the bucket was asked just before.
 */
public final class LocalReclaimer {
  private static final Logger LOG = LoggerFactory.getLogger(LocalReclaimer.class);

  private final SegmentCatalog catalog;
  private final LocalCopies copies;
  private final SegmentObjects objects;
  private final WriterEpoch writer;
  private final Duration minResidency;
  private final Clock clock;
  private final StepObserver steps;

  public LocalReclaimer(
      SegmentCatalog catalog,
      LocalCopies copies,
      SegmentObjects objects,
      WriterEpoch writer,
      Duration minResidency,
      Clock clock,
      StepObserver steps) {
    this.catalog = catalog;
    this.copies = copies;
    this.objects = objects;
    this.writer = writer;
    this.minResidency = minResidency;
    this.clock = clock;
    this.steps = steps;
  }

  /** The states that have local files and a proof, with the moves they allow. */
  private record Proved(
      SegmentState state, Receipt receipt, SegmentState freed, SegmentState lost) {
    static Proved of(SegmentMetadata segment) throws SegmentBusyException {
      if (segment.state() instanceof SegmentState.Archived archived) {
        return new Proved(archived, archived.proof(), archived.reclaim(), archived.refute());
      }
      if (segment.state() instanceof SegmentState.Restored restored) {
        return new Proved(restored, restored.proof(), restored.reclaim(), restored.refute());
      }
      throw new SegmentBusyException(
          segment.id(), "no proof that the bucket holds it, state is " + segment.state().label());
    }
  }

  /**
   * Frees the segment's local files; one that is already gone is left alone.
   *
   * @throws SegmentBusyException if a condition does not hold now
   * @throws ObjectMismatchException if the store no longer holds the segment; it is local again
   */
  Move reclaim(SegmentId id, String reason)
      throws IOException, CatalogException, SegmentBusyException {
    SegmentMetadata segment = find(id);
    if (segment.state() instanceof SegmentState.RemoteOnly) {
      return new Move(segment, false);
    }
    Proved proved = Proved.of(segment);
    requireResidency(id, proved.receipt());
    if (catalog.leases().isHeld(id)) {
      throw held(id); // Known before the store is troubled.
    }
    if (!(segment.state() instanceof SegmentState.Restored)) {
      // One that was restored was in the bucket only before, and is no more exposed afterwards.
      writer.requireOwner();
      writer.requireSettled(id);
    }
    requireStillStored(id, proved);
    try (SegmentLeases.Lease lease = exclusive(id)) {
      return free(lease.id(), proved, reason);
    }
  }

  /**
   * Frees the local files of an archived segment without asking the store again, and whatever the
   * residency: the receipt says that it was proved. For a disk that is full while the store does
   * not answer, where the choice is between this and giving up what nobody else has.
   *
   * @throws SegmentBusyException if it has no receipt, a reader has it, or the log keeps it
   */
  Move reclaimOnReceipt(SegmentId id, String reason)
      throws IOException, CatalogException, SegmentBusyException {
    SegmentMetadata segment = find(id);
    if (segment.state() instanceof SegmentState.RemoteOnly) {
      return new Move(segment, false);
    }
    Proved proved = Proved.of(segment);
    LOG.warn(
        "reclaim_on_receipt segment={} archived_at={} action=\"none; the store was not asked again,"
            + " verify the segment when it is back\"",
        id,
        Instant.ofEpochMilli(proved.receipt().committedAtMillis()));
    try (SegmentLeases.Lease lease = exclusive(id)) {
      return free(lease.id(), proved, reason);
    }
  }

  private Move free(SegmentId id, Proved proved, String reason)
      throws IOException, CatalogException, SegmentBusyException {
    boolean freed = steps.around(DurableStep.FREE_LOCAL_FILES, id, () -> free(id, proved.state()));
    if (!freed) {
      throw new SegmentBusyException(id, "the log does not let it go yet");
    }
    SegmentMetadata remote =
        steps.around(
            DurableStep.RECORD_RECLAIM,
            id,
            () -> catalog.transition(id, proved.state(), proved.freed(), reason));
    LOG.info("segment_reclaimed segment={} reason=\"{}\" bytes={}", id, reason, remote.sizeBytes());
    return new Move(remote, true);
  }

  private SegmentMetadata find(SegmentId id) throws CatalogException.UnknownSegment {
    return catalog.find(id).orElseThrow(() -> new CatalogException.UnknownSegment(id));
  }

  /** The segment behind this one, if it is proved and its own files are still here. */
  Optional<SegmentId> archivedSuccessor(SegmentMetadata segment) {
    return catalog
        .covering(segment.id().partition(), segment.endOffset())
        .filter(next -> next.state() instanceof SegmentState.Archived)
        .map(SegmentMetadata::id);
  }

  private SegmentLeases.Lease exclusive(SegmentId id) throws SegmentBusyException {
    return catalog.leases().reclaim(id).orElseThrow(() -> held(id));
  }

  private static SegmentBusyException held(SegmentId id) {
    return new SegmentBusyException(id, "a reader holds it");
  }

  private void requireResidency(SegmentId id, Receipt receipt) throws SegmentBusyException {
    long untilMillis = receipt.committedAtMillis() + minResidency.toMillis();
    if (clock.millis() < untilMillis) {
      throw new SegmentBusyException(
          id, "minimum residency lasts until " + Instant.ofEpochMilli(untilMillis));
    }
  }

  private void requireStillStored(SegmentId id, Proved proved)
      throws IOException, CatalogException {
    try {
      objects.requireComplete(proved.receipt());
    } catch (ObjectMismatchException e) {
      LOG.warn(
          "proof_refuted segment={} problem=\"{}\" action=\"local files are kept and uploaded again;"
              + " look for lifecycle rules, other writers or manual deletes on the bucket\"",
          id,
          e.getMessage());
      steps.around(
          DurableStep.RECORD_REFUTE,
          id,
          () -> catalog.transition(id, proved.state(), proved.lost(), "proof refuted"));
      throw e;
    }
  }

  /** A restored segment is not in the log's own directory, and the log need not be asked. */
  private boolean free(SegmentId id, SegmentState state) throws IOException {
    return state instanceof SegmentState.Restored ? copies.restored().free(id) : copies.free(id);
  }
}
