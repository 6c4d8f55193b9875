package io.takhin.tiered.archive;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentLeases;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.DurableStep;
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
 * Deletes a segment for good, in two stages: {@link #mark} is one durable write and makes the
 * segment unreadable; {@link #remove} takes the objects away when their time has come, may fail,
 * and is repeated until done. In between, {@link #undelete} takes the mark back.
 *
 * <p>Where the objects stay for a time, {@link #tombstone} says in the bucket that they are
 * deleted. The tombstone goes last when the objects do, and first when they stay: so there is none
 * beside a segment that is to live. The log's own files are the embedder's to delete.
 */
public final class SegmentRemover {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentRemover.class);

  private final SegmentCatalog catalog;
  private final DirectorySegments restored;
  private final SegmentObjects objects;
  private final Archiver archiver;
  private final Holds holds;
  private final Delay delay;
  private final StepObserver steps;

  public SegmentRemover(
      SegmentCatalog catalog,
      DirectorySegments restored,
      SegmentObjects objects,
      Archiver archiver,
      Holds holds,
      Delay delay,
      StepObserver steps) {
    this.catalog = catalog;
    this.restored = restored;
    this.objects = objects;
    this.archiver = archiver;
    this.holds = holds;
    this.delay = delay;
    this.steps = steps;
  }

  /**
   * How long objects stay after their segment was deleted.
   *
   * @param time 0 for not at all
   */
  public record Delay(Duration time, Clock clock) {}

  /**
   * Marks the segment for removal, or forgets it if nothing of it is remote. An attempt to archive
   * it that was broken off is settled first, which needs the store. If what stands at its
   * manifest's key cannot be read, it goes with the rest.
   *
   * @return the segment as it was before
   * @throws HeldException if a hold keeps it
   */
  SegmentMetadata mark(SegmentId id, String reason)
      throws IOException, CatalogException, HeldException {
    Optional<Hold> hold = holds.covering(find(id));
    if (hold.isPresent()) {
      throw new HeldException(id, hold.get());
    }
    SegmentMetadata segment;
    try {
      segment = archiver.settle(id, reason);
    } catch (InvalidManifestException e) {
      segment = archiver.discard(id, reason);
    }
    SegmentState state = segment.state();
    Optional<SegmentState.Deleting> deleting = deleting(state);
    if (deleting.isPresent()) {
      steps.around(
          DurableStep.RECORD_DELETE,
          id,
          () -> catalog.transition(id, state, deleting.get(), reason));
    } else if (state instanceof SegmentState.Local) {
      dropRestored(id);
      forget(id, state, reason);
    }
    return segment;
  }

  private Optional<SegmentState.Deleting> deleting(SegmentState state) {
    long now = delay.clock().millis();
    long purgeAt = now + delay.time().toMillis();
    if (state instanceof SegmentState.Archived archived) {
      return Optional.of(archived.delete(now, purgeAt));
    }
    if (state instanceof SegmentState.RemoteOnly remote) {
      return Optional.of(remote.delete(now, purgeAt));
    }
    return state instanceof SegmentState.Restored back
        ? Optional.of(back.delete(now, purgeAt))
        : Optional.empty();
  }

  /**
   * Says in the bucket that the segment is deleted, if it is, stays for a time, and nothing does.
   */
  SegmentMetadata tombstone(SegmentId id) throws IOException, CatalogException {
    SegmentMetadata segment = find(id);
    if (!(segment.state() instanceof SegmentState.Deleting deleting)
        || !deleting.isDelayed()
        || deleting.isTombstoned()) {
      return segment;
    }
    objects.requireOwner();
    objects.writeTombstone(new Tombstone(id, deleting.deletedAtMillis(), deleting.purgeAtMillis()));
    return recordTombstone(id, deleting, true);
  }

  private SegmentMetadata recordTombstone(
      SegmentId id, SegmentState.Deleting deleting, boolean isTombstoned) throws CatalogException {
    return steps.around(
        DurableStep.RECORD_TOMBSTONE,
        id,
        () -> catalog.transition(id, deleting, deleting.tombstoned(isTombstoned), "deleted"));
  }

  /**
   * Brings a deleted segment back, if all its objects are still there; one that is not deleted is
   * left alone. When this returns it can be read, and no tombstone says otherwise.
   *
   * <p>Files that had been restored go first: it comes back as one that only the bucket has.
   *
   * @throws ObjectMismatchException if some of it is gone
   * @throws SegmentBusyException if a reader still has restored files of it open
   */
  SegmentMetadata undelete(SegmentId id, String reason)
      throws IOException, CatalogException, SegmentBusyException {
    SegmentMetadata segment = find(id);
    if (!(segment.state() instanceof SegmentState.Deleting deleting)) {
      return segment;
    }
    objects.requireOwner();
    objects.requireComplete(deleting.proof());
    if (deleting.isTombstoned()) {
      // What happens next may be broken off, and then the tombstone is to be written again.
      recordTombstone(id, deleting, false);
    }
    SegmentState.Deleting unsaid = deleting.tombstoned(false);
    SegmentMetadata back;
    try (SegmentLeases.Lease lease = exclusive(id)) {
      dropRestored(lease.id());
      objects.removeTombstone(id); // Whatever the catalog says: it may have been written just now.
      back =
          steps.around(
              DurableStep.RECORD_UNDELETE,
              id,
              () -> catalog.transition(id, unsaid, unsaid.undelete(), reason));
    }
    LOG.info("segment_undeleted segment={} reason=\"{}\" bytes={}", id, reason, back.sizeBytes());
    return back;
  }

  /**
   * Removes what is left of a marked segment and forgets it; one that is not marked is left alone.
   *
   * @return the segment as it was before
   * @throws SegmentBusyException if a reader still has its files open, or its time has not come
   * @throws HeldException if a hold keeps it
   */
  Move remove(SegmentId id, String reason)
      throws IOException, CatalogException, SegmentBusyException, HeldException {
    SegmentMetadata segment = find(id);
    if (!(segment.state() instanceof SegmentState.Deleting deleting)) {
      return new Move(segment, false);
    }
    if (delay.clock().millis() < deleting.purgeAtMillis()) {
      throw new SegmentBusyException(
          id, "its objects stay until " + Instant.ofEpochMilli(deleting.purgeAtMillis()));
    }
    try (Holds.Removal removal = holds.removing(segment);
        SegmentLeases.Lease lease = exclusive(id)) {
      dropRestored(lease.id());
      objects.remove(removal.id(), deleting.proof());
      if (deleting.isDelayed()) {
        objects.removeTombstone(id);
      }
      forget(id, deleting, reason);
    }
    LOG.info("segment_deleted segment={} reason=\"{}\" bytes={}", id, reason, segment.sizeBytes());
    return new Move(segment, true);
  }

  private SegmentMetadata find(SegmentId id) throws CatalogException.UnknownSegment {
    return catalog.find(id).orElseThrow(() -> new CatalogException.UnknownSegment(id));
  }

  private SegmentLeases.Lease exclusive(SegmentId id) throws SegmentBusyException {
    return catalog
        .leases()
        .reclaim(id)
        .orElseThrow(() -> new SegmentBusyException(id, "a reader holds it"));
  }

  private void dropRestored(SegmentId id) throws IOException {
    steps.around(DurableStep.DROP_RESTORED_FILES, id, () -> restored.free(id));
  }

  private void forget(SegmentId id, SegmentState state, String reason) throws CatalogException {
    steps.around(
        DurableStep.RECORD_FORGET,
        id,
        () -> {
          catalog.forget(id, state, reason);
          return id;
        });
  }
}
