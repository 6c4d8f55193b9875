package io.takhin.tiered.read;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentLeases;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentFiles;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.transfer.Purpose;
import io.takhin.tiered.transfer.SegmentTasks;
import io.takhin.tiered.transfer.SegmentTasks.Kind;
import io.takhin.tiered.transfer.Workers;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * Where a reader gets a segment's files, wherever the segment is.
 *
 * <p>A reader takes its lease first and looks at the state afterwards, so nobody can free what it
 * saw: not files that are here, and not files that are restored for it, from the moment they are. A
 * lease is refused only while the files are being freed; the reader then waits for the end of that,
 * in whatever way it ends, and begins again. However many readers wait for one segment, it is
 * restored once. No thread blocks.
 */
public final class ReadHook {
  /** Frees that end just before a reader and begin again just before it; more is a defect. */
  private static final int MAX_REFUSALS = 100;

  private final SegmentCatalog catalog;
  private final LocalCopies copies;
  private final SegmentTasks<SegmentMetadata> tasks;
  private final Workers workers;
  private final SegmentRestorer restorer;
  private final Clock clock;
  private final Counter succeeded;
  private final Counter failed;
  private final Counter restoredBytes;

  public ReadHook(
      SegmentCatalog catalog,
      LocalCopies copies,
      SegmentTasks<SegmentMetadata> tasks,
      Workers workers,
      SegmentRestorer restorer,
      Clock clock,
      MeterRegistry meters) {
    this.catalog = catalog;
    this.copies = copies;
    this.tasks = tasks;
    this.workers = workers;
    this.restorer = restorer;
    this.clock = clock;
    this.succeeded = meters.counter("tiered.storage.restore.operations", "outcome", "success");
    this.failed = meters.counter("tiered.storage.restore.operations", "outcome", "failure");
    this.restoredBytes = meters.counter("tiered.storage.restored.bytes");
  }

  /**
   * The segment's files, to be closed by the caller. Complete at once, on the calling thread, when
   * they are here; else when they were restored, on a thread of the workers, which dependents must
   * not block.
   */
  public CompletableFuture<LeasedSegment> open(SegmentId id, String reason) {
    CompletableFuture<LeasedSegment> answer = new CompletableFuture<>();
    open(id, reason, answer, 0);
    return answer;
  }

  private void open(
      SegmentId id, String reason, CompletableFuture<LeasedSegment> answer, int refusals) {
    Optional<SegmentLeases.Lease> free = catalog.leases().read(id);
    if (free.isPresent()) {
      open(id, reason, answer, free.get());
    } else if (refusals < MAX_REFUSALS) {
      // The end of what is under way begins the next try; the dependent itself tells nothing.
      CompletableFuture<Void> unused =
          tasks.settled(id).thenRun(() -> open(id, reason, answer, refusals + 1));
    } else {
      answer.completeExceptionally(new SegmentBusyException(id, "its local files are being freed"));
    }
  }

  private void open(
      SegmentId id,
      String reason,
      CompletableFuture<LeasedSegment> answer,
      SegmentLeases.Lease lease) {
    try {
      Optional<SegmentFiles> local = localFiles(id);
      if (local.isPresent()) {
        answer(answer, local.get(), lease);
        return;
      }
    } catch (IOException | CatalogException | RuntimeException e) {
      lease.close();
      answer.completeExceptionally(e);
      return;
    }
    CompletableFuture<SegmentMetadata> unused =
        restore(id, reason)
            .whenComplete(
                (restored, failure) -> {
                  if (failure == null) {
                    answerRestored(id, answer, lease);
                  } else {
                    lease.close();
                    answer.completeExceptionally(failure);
                  }
                });
  }

  private void answerRestored(
      SegmentId id, CompletableFuture<LeasedSegment> answer, SegmentLeases.Lease lease) {
    try {
      answer(answer, copies.locate(id), lease);
    } catch (IOException | RuntimeException e) {
      lease.close();
      answer.completeExceptionally(e);
    }
  }

  /** The reader may have cancelled meanwhile; nobody else would give the lease back. */
  private void answer(
      CompletableFuture<LeasedSegment> answer, SegmentFiles files, SegmentLeases.Lease lease) {
    catalog.touch(files.id(), clock.millis());
    if (!answer.complete(new LeasedSegment(files, lease))) {
      lease.close();
    }
  }

  /** Empty if they have to be restored. */
  private Optional<SegmentFiles> localFiles(SegmentId id) throws IOException, CatalogException {
    SegmentMetadata segment = readable(id);
    if (!segment.state().isLocal()) {
      return Optional.empty();
    }
    try {
      return Optional.of(copies.locate(id));
    } catch (NoSuchFileException e) {
      if (segment.state().receipt().isPresent()) {
        return Optional.empty(); // The bucket has it.
      }
      throw e;
    }
  }

  private SegmentMetadata readable(SegmentId id) throws CatalogException {
    return catalog
        .find(id)
        .filter(segment -> !(segment.state() instanceof SegmentState.Deleting))
        .orElseThrow(() -> new CatalogException.UnknownSegment(id));
  }

  /**
   * Brings the segment's files back; nothing happens if they are here. Callers share one restore.
   */
  public CompletableFuture<SegmentMetadata> restore(SegmentId id, String reason) {
    return restore(id, Purpose.foreground(reason), UnaryOperator.identity());
  }

  /**
   * The same with files from elsewhere.
   *
   * @param change of where the files come from, which is the bucket
   */
  CompletableFuture<SegmentMetadata> restore(
      SegmentId id, Purpose purpose, UnaryOperator<SegmentRestorer.Source> change) {
    SegmentRestorer.Source source = change.apply(restorer.bucket(purpose));
    return tasks.run(id, Kind.RESTORE, workers, () -> restoreCounted(id, purpose.reason(), source));
  }

  private SegmentMetadata restoreCounted(SegmentId id, String reason, SegmentRestorer.Source source)
      throws IOException, CatalogException {
    boolean wasLocal = readable(id).state().isLocal();
    try {
      SegmentMetadata restored = restorer.restore(id, reason, source);
      if (!wasLocal) {
        succeeded.increment();
        restoredBytes.increment((double) restored.sizeBytes());
      }
      return restored;
    } catch (IOException | CatalogException | RuntimeException e) {
      failed.increment();
      throw e;
    }
  }

  /**
   * A lease on files that are here now, without restoring; empty if they are not, or are being
   * freed. Counts as an access.
   */
  public Optional<SegmentLeases.Lease> leaseLocal(SegmentId id) {
    Optional<SegmentLeases.Lease> lease = catalog.leases().read(id);
    if (lease.isEmpty()) {
      return lease;
    }
    boolean local = catalog.find(id).map(segment -> segment.state().isLocal()).orElse(false);
    if (!local) {
      lease.get().close();
      return Optional.empty();
    }
    catalog.touch(id, clock.millis());
    return lease;
  }
}
