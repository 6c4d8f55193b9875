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
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes a segment for good, in two stages: {@link #mark} is one durable write and makes the
 * segment unreadable; {@link #remove} takes the objects away, may fail, and is repeated until done.
 * The log's own files are the embedder's to delete.
 */
public final class SegmentRemover {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentRemover.class);

  private final SegmentCatalog catalog;
  private final DirectorySegments restored;
  private final SegmentObjects objects;
  private final Archiver archiver;
  private final StepObserver steps;

  public SegmentRemover(
      SegmentCatalog catalog,
      DirectorySegments restored,
      SegmentObjects objects,
      Archiver archiver,
      StepObserver steps) {
    this.catalog = catalog;
    this.restored = restored;
    this.objects = objects;
    this.archiver = archiver;
    this.steps = steps;
  }

  /**
   * Marks the segment for removal, or forgets it if nothing of it is remote. An attempt to archive
   * it that was broken off is settled first, which needs the store.
   *
   * @return the segment as it was before
   */
  SegmentMetadata mark(SegmentId id, String reason) throws IOException, CatalogException {
    SegmentMetadata segment = archiver.settle(id, reason);
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

  private static Optional<SegmentState.Deleting> deleting(SegmentState state) {
    if (state instanceof SegmentState.Archived archived) {
      return Optional.of(archived.delete());
    }
    if (state instanceof SegmentState.RemoteOnly remote) {
      return Optional.of(remote.delete());
    }
    return state instanceof SegmentState.Restored back
        ? Optional.of(back.delete())
        : Optional.empty();
  }

  /**
   * Removes what is left of a marked segment and forgets it; one that is not marked is left alone.
   *
   * @return the segment as it was before
   * @throws SegmentBusyException if a reader still has its files open
   */
  Move remove(SegmentId id, String reason)
      throws IOException, CatalogException, SegmentBusyException {
    SegmentMetadata segment =
        catalog.find(id).orElseThrow(() -> new CatalogException.UnknownSegment(id));
    if (segment.state() instanceof SegmentState.Deleting deleting) {
      try (SegmentLeases.Lease lease =
          catalog
              .leases()
              .reclaim(id)
              .orElseThrow(() -> new SegmentBusyException(id, "a reader holds it"))) {
        dropRestored(lease.id());
        objects.remove(id, deleting.proof());
        forget(id, deleting, reason);
      }
      LOG.info(
          "segment_deleted segment={} reason=\"{}\" bytes={}", id, reason, segment.sizeBytes());
      return new Move(segment, true);
    }
    return new Move(segment, false);
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
