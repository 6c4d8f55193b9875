package io.takhin.tiered.archive;

import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.transfer.SegmentTasks;
import io.takhin.tiered.transfer.SegmentTasks.Kind;
import io.takhin.tiered.transfer.Workers;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses what is given up: the oldest segments of all partitions that only this machine has, as
 * many as are needed and no more. A log gives away its oldest segments only, so one that cannot go
 * keeps the younger ones of its partition, and what is proved in the bucket goes before them.
 */
public final class ShedRound {
  private static final Logger LOG = LoggerFactory.getLogger(ShedRound.class);

  private final SegmentCatalog catalog;
  private final UnfinishedWork work;
  private final SegmentTasks<SegmentMetadata> tasks;
  private final Workers workers;
  private final LocalReclaimer reclaimer;
  private final Shedder shedder;
  private final GapUpkeep upkeep;

  public ShedRound(
      SegmentCatalog catalog,
      UnfinishedWork work,
      SegmentTasks<SegmentMetadata> tasks,
      Workers workers,
      LocalReclaimer reclaimer,
      Shedder shedder,
      GapUpkeep upkeep) {
    this.catalog = catalog;
    this.work = work;
    this.tasks = tasks;
    this.workers = workers;
    this.reclaimer = reclaimer;
    this.shedder = shedder;
    this.upkeep = upkeep;
  }

  /**
   * Frees so many bytes, or as many as can be freed now. Blocks.
   *
   * @param storeAnswers whether the store can be asked for what it has proved before that is freed
   * @return the log bytes that were freed, given up or not
   */
  public long shed(long wantedBytes, boolean storeAnswers, String reason)
      throws InterruptedException {
    long freedBytes = 0;
    Set<PartitionId> stuck = new HashSet<>();
    for (SegmentId id : work.unarchivedOldestFirst()) {
      if (freedBytes >= wantedBytes) {
        break;
      }
      if (tasks.underWay(id).isPresent()) {
        stuck.add(id.partition()); // Waiting for an upload that may hang would stop everything.
      }
      if (stuck.contains(id.partition())) {
        continue;
      }
      try {
        freedBytes += freeProvedBelow(id, storeAnswers, reason);
        if (freedBytes < wantedBytes) {
          freedBytes +=
              await(tasks.run(id, Kind.SHED, workers, () -> shedder.shed(id, reason)))
                  .map(SegmentMetadata::sizeBytes)
                  .orElse(0L);
        }
      } catch (ExecutionException e) {
        stuck.add(id.partition());
        upkeep.lookAt(id);
        report(id, e.getCause() == null ? e : e.getCause());
      }
    }
    return freedBytes;
  }

  private long freeProvedBelow(SegmentId limit, boolean storeAnswers, String reason)
      throws InterruptedException, ExecutionException {
    long freedBytes = 0;
    for (SegmentMetadata segment : catalog.segments(limit.partition())) {
      SegmentId id = segment.id();
      if (id.baseOffset() >= limit.baseOffset()) {
        break;
      }
      if (segment.state() instanceof SegmentState.Archived) {
        Optional<SegmentMetadata> freed =
            await(
                tasks.run(
                    id,
                    Kind.RECLAIM,
                    workers,
                    () ->
                        (storeAnswers
                                ? reclaimer.reclaim(id, reason)
                                : reclaimer.reclaimOnReceipt(id, reason))
                            .segment()));
        freedBytes += freed.map(SegmentMetadata::sizeBytes).orElse(0L);
      }
    }
    return freedBytes;
  }

  private static Optional<SegmentMetadata> await(CompletableFuture<SegmentMetadata> outcome)
      throws InterruptedException, ExecutionException {
    return Optional.ofNullable(outcome.get());
  }

  private static void report(SegmentId id, Throwable cause) {
    if (cause instanceof SegmentBusyException) {
      LOG.info("shed_deferred segment={} reason=\"{}\"", id, cause.getMessage());
    } else {
      LOG.warn(
          "shed_failed segment={} problem=\"{}\" action=\"see the problem; its partition is left"
              + " alone until the next round\"",
          id,
          cause.toString());
    }
  }
}
