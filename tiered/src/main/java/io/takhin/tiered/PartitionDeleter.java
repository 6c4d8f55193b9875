package io.takhin.tiered;

import io.takhin.tiered.archive.HeldException;
import io.takhin.tiered.archive.Hold;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Gap;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.transfer.Workers;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Marks a partition's segments for removal, some at a time, and has the rest done in the
 * background.
 */
final class PartitionDeleter implements AutoCloseable {
  private static final int MAX_PARTITIONS_QUEUED = 10_000;

  /** Enough for the catalog to write many marks with one flush of the disk. */
  private static final int MAX_IN_FLIGHT = 64;

  private final Machinery machinery;
  private final Workers workers = new Workers("tiered-delete", 1, MAX_PARTITIONS_QUEUED);

  PartitionDeleter(Machinery machinery) {
    this.machinery = machinery;
  }

  /**
   * Deletes all segments, or none if a hold keeps one of them, or the record that some are missing.
   * Both ways it goes on after the failure of a segment.
   */
  CompletableFuture<Void> deleteAll(PartitionId partition) {
    return inBackground(
        () -> {
          List<SegmentMetadata> segments = machinery.catalog.segments(partition);
          for (SegmentMetadata segment : segments) {
            Optional<Hold> hold = machinery.holds.covering(segment);
            if (hold.isPresent()) {
              throw new HeldException("segment=" + segment.id(), hold.get());
            }
          }
          for (Gap gap : machinery.disk.gaps().of(partition)) {
            Optional<Hold> hold =
                machinery.holds.covering(partition, gap.fromOffset(), gap.toOffset());
            if (hold.isPresent()) {
              throw new HeldException(
                  "gap=" + partition + " from=" + gap.fromOffset() + " to=" + gap.toOffset(),
                  hold.get());
            }
          }
          delete(segments, "partition deleted");
          machinery.disk.gaps().closeAll(partition); // A topic of this name begins without them.
        });
  }

  /** Deletes the segments that end at or below the offset, but for those that a hold keeps. */
  CompletableFuture<Void> deleteBelow(PartitionId partition, long offset) {
    return inBackground(
        () ->
            delete(
                machinery.catalog.segments(partition).stream()
                    .filter(segment -> segment.endOffset() <= offset)
                    .filter(segment -> !machinery.holds.covers(segment))
                    .toList(),
                "below the log start"));
  }

  /** What runs on the one thread for such; may block. */
  @FunctionalInterface
  interface Work {
    void run() throws Exception;
  }

  CompletableFuture<Void> inBackground(Work work) {
    CompletableFuture<Void> outcome = new CompletableFuture<>();
    try {
      workers.execute(
          () -> {
            try {
              work.run();
              outcome.complete(null);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
              outcome.completeExceptionally(e);
            } catch (Exception e) {
              outcome.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      outcome.completeExceptionally(e);
    }
    return outcome;
  }

  private void delete(List<SegmentMetadata> segments, String reason) throws Exception {
    Failures failures = new Failures();
    Deque<CompletableFuture<SegmentMetadata>> underWay = new ArrayDeque<>();
    try {
      for (SegmentMetadata segment : segments) {
        if (underWay.size() == MAX_IN_FLIGHT) {
          failures.awaited(underWay.remove());
        }
        underWay.add(machinery.mover.delete(segment.id(), reason));
      }
      while (!underWay.isEmpty()) {
        failures.awaited(underWay.remove());
      }
    } finally {
      machinery.housekeeping.soon();
    }
    failures.throwFirst();
  }

  /** The failures of several, the first with the others as suppressed. */
  private static final class Failures {
    private @Nullable Exception first;

    /** A segment that is gone already is as it should be. */
    void awaited(CompletableFuture<SegmentMetadata> deletion) throws InterruptedException {
      try {
        deletion.get();
      } catch (ExecutionException e) {
        Exception cause = e.getCause() instanceof Exception exception ? exception : e;
        if (cause instanceof CatalogException.UnknownSegment) {
          return;
        }
        if (first == null) {
          first = cause;
        } else if (first != cause) { // What the catalog writes together fails as one.
          first.addSuppressed(cause);
        }
      }
    }

    void throwFirst() throws Exception {
      if (first != null) {
        throw first;
      }
    }
  }

  @Override
  public void close() {
    workers.close();
  }
}
