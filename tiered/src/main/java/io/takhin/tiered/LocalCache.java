package io.takhin.tiered;

import io.takhin.tiered.archive.Isolation;
import io.takhin.tiered.archive.SegmentMover;
import io.takhin.tiered.catalog.CatalogListener;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.catalog.SegmentState.Restored;
import io.takhin.tiered.policy.FailureScope;
import io.takhin.tiered.read.SegmentReads;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what was restored and the chunks that were streamed within their common budget. Restored
 * segments may have all of it but what chunks take up to a tenth; chunks have what restored
 * segments leave. Of the segments those go first that were not read for the longest time. One that
 * a reader holds stays, so a segment larger than the whole budget is served too, and goes when its
 * reader has gone.
 */
final class LocalCache implements CatalogListener {
  private static final Logger LOG = LoggerFactory.getLogger(LocalCache.class);

  /** Enough to keep the threads of the moves busy. */
  private static final int MAX_IN_FLIGHT = 8;

  /** Chunks are left a tenth of the budget, however many segments are restored. */
  private static final int CHUNKS_LEAST_SHARE = 10;

  private final SegmentCatalog catalog;
  private final SegmentMover mover;
  private final Isolation isolation;
  private final SegmentReads reads;
  private final long budgetBytes;
  private final Runnable onWork;
  private final Set<SegmentId> restored = ConcurrentHashMap.newKeySet();

  /** Whose chunks are to go; as many as segments changed since the last run at most. */
  private final Queue<Stale> stale = new ConcurrentLinkedQueue<>();

  /**
   * A segment whose chunks are of no use any more.
   *
   * @param isHere whether it was restored, so that only the log's are
   */
  private record Stale(SegmentMetadata before, boolean isHere) {}

  /**
   * @param onWork told on the catalog's writer thread that there is something to do; must not block
   */
  LocalCache(
      SegmentCatalog catalog,
      SegmentMover mover,
      Isolation isolation,
      SegmentReads reads,
      long budgetBytes,
      Runnable onWork) {
    this.catalog = catalog;
    this.mover = mover;
    this.isolation = isolation;
    this.reads = reads;
    this.budgetBytes = budgetBytes;
    this.onWork = onWork;
  }

  /** Listens from now on, and takes in what is here already. */
  void start() throws IOException {
    reads.start();
    catalog.addListener(this);
    catalog.forEach(
        segment -> {
          if (segment.state() instanceof Restored) {
            restored.add(segment.id());
          }
        });
  }

  @Override
  public void onChange(@Nullable SegmentMetadata before, @Nullable SegmentMetadata after) {
    if (after != null && after.state() instanceof Restored) {
      if (restored.add(after.id())) {
        onWork.run();
      }
    } else if (before != null) {
      restored.remove(before.id());
    }
    if (before != null && areChunksStale(before.state(), after)) {
      boolean isHere = after != null && after.state() instanceof Restored;
      stale.add(new Stale(before, isHere));
      onWork.run();
    }
  }

  /** It goes, it is here whole, or its objects were refuted. */
  private static boolean areChunksStale(SegmentState before, @Nullable SegmentMetadata after) {
    boolean hadObjects = before.receipt().isPresent();
    boolean changed = after == null || !after.state().label().equals(before.label());
    return hadObjects
        && changed
        && (after == null || !(after.state() instanceof SegmentState.RemoteOnly));
  }

  /**
   * Frees segments until the budget holds, or nothing more can go now. Several at a time: each asks
   * the store for its proof first, and one by one they would go slower than readers bring others.
   * Blocks.
   */
  void enforce() throws InterruptedException {
    for (Stale one; (one = stale.poll()) != null; ) {
      reads.forget(one.before(), one.isHere());
    }
    long forChunksBytes = Math.min(reads.cachedBytes(), budgetBytes / CHUNKS_LEAST_SHARE);
    freeRestored(catalog.stats().restoredBytes() - (budgetBytes - forChunksBytes));
    limitChunks();
  }

  /** Reads and sets as one, or of two runs at once the one that knows less could be the last. */
  private synchronized void limitChunks() {
    long leftBytes = budgetBytes - catalog.stats().restoredBytes();
    reads.limit(Math.max(leftBytes, budgetBytes / CHUNKS_LEAST_SHARE));
  }

  private void freeRestored(long surplus) throws InterruptedException {
    long surplusBytes = surplus;
    if (surplusBytes <= 0) {
      return;
    }
    Iterator<SegmentMetadata> leastRecentFirst =
        restored.stream()
            .map(catalog::find)
            .flatMap(Optional::stream)
            .sorted(Comparator.comparingLong(SegmentMetadata::lastAccessMillis))
            .iterator();
    Deque<Freeing> underWay = new ArrayDeque<>();
    boolean storeAnswers = true;
    while (true) {
      if (storeAnswers
          && surplusBytes > 0
          && underWay.size() < MAX_IN_FLIGHT
          && leastRecentFirst.hasNext()) {
        SegmentMetadata segment = leastRecentFirst.next();
        if (!catalog.leases().isHeld(segment.id()) && isolation.mayTry(segment.id())) {
          surplusBytes -= segment.sizeBytes();
          underWay.add(
              new Freeing(segment, mover.reclaim(segment.id(), "local cache over budget")));
        }
      } else if (!underWay.isEmpty()) {
        Freeing oldest = underWay.remove();
        try {
          oldest.outcome().get();
        } catch (ExecutionException e) {
          // Not lost: the segment stays over the budget and is tried again with the next restore.
          LOG.debug(
              "cache_reclaim_deferred segment={} error=\"{}\"",
              oldest.segment().id(),
              String.valueOf(e.getCause()));
          surplusBytes += oldest.segment().sizeBytes();
          storeAnswers &=
              e.getCause() == null || isolation.scope(e.getCause()) != FailureScope.STORE;
        }
      } else {
        return;
      }
    }
  }

  private record Freeing(SegmentMetadata segment, CompletableFuture<SegmentMetadata> outcome) {}
}
