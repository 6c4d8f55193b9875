package io.takhin.tiered;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.transfer.Workers;
import java.util.ArrayDeque;
import java.util.Deque;
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

  /** Deletes the segments that end at or below the offset. */
  CompletableFuture<Void> delete(PartitionId partition, long belowOffset, String reason) {
    CompletableFuture<Void> outcome = new CompletableFuture<>();
    try {
      workers.execute(() -> delete(partition, belowOffset, reason, outcome));
    } catch (RejectedExecutionException e) {
      outcome.completeExceptionally(e);
    }
    return outcome;
  }

  private void delete(
      PartitionId partition, long belowOffset, String reason, CompletableFuture<Void> outcome) {
    @Nullable Throwable failure = null;
    Deque<CompletableFuture<SegmentMetadata>> underWay = new ArrayDeque<>();
    try {
      for (SegmentMetadata segment : machinery.catalog.segments(partition)) {
        if (segment.endOffset() > belowOffset) {
          break; // They are in offset order.
        }
        if (underWay.size() == MAX_IN_FLIGHT) {
          failure = first(failure, failureOf(underWay.remove()));
        }
        SegmentId id = segment.id();
        underWay.add(machinery.mover.delete(id, reason));
      }
      while (!underWay.isEmpty()) {
        failure = first(failure, failureOf(underWay.remove()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure = e;
    } catch (RuntimeException e) {
      failure = e;
    }
    machinery.housekeeping.soon();
    if (failure == null) {
      outcome.complete(null);
    } else {
      outcome.completeExceptionally(failure);
    }
  }

  private static @Nullable Throwable first(
      @Nullable Throwable failure, @Nullable Throwable another) {
    if (failure != null && another != null) {
      failure.addSuppressed(another);
    }
    return failure == null ? another : failure;
  }

  /** A segment that is gone already is as it should be. */
  private static @Nullable Throwable failureOf(CompletableFuture<SegmentMetadata> deletion)
      throws InterruptedException {
    try {
      deletion.get();
      return null;
    } catch (ExecutionException e) {
      return e.getCause() instanceof CatalogException.UnknownSegment ? null : e.getCause();
    }
  }

  @Override
  public void close() {
    workers.close();
  }
}
