package io.takhin.tiered;

import io.takhin.tiered.archive.SegmentMover;
import io.takhin.tiered.catalog.CatalogListener;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState.Restored;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.StoreException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what was restored within its budget: the segments that were not read for the longest time
 * go first. One that a reader holds stays, so a segment larger than the whole budget is served too,
 * and goes when its reader has gone.
 */
final class RestoredCache implements CatalogListener {
  private static final Logger LOG = LoggerFactory.getLogger(RestoredCache.class);

  /** Enough to keep the threads of the moves busy. */
  private static final int MAX_IN_FLIGHT = 8;

  private final SegmentCatalog catalog;
  private final SegmentMover mover;
  private final long budgetBytes;
  private final Runnable onGrowth;
  private final Set<SegmentId> restored = ConcurrentHashMap.newKeySet();

  /**
   * Listens from now on, and takes in what is restored already.
   *
   * @param onGrowth told of each restored segment on the catalog's writer thread; must not block
   */
  RestoredCache(SegmentCatalog catalog, SegmentMover mover, long budgetBytes, Runnable onGrowth) {
    this.catalog = catalog;
    this.mover = mover;
    this.budgetBytes = budgetBytes;
    this.onGrowth = onGrowth;
  }

  void start() {
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
        onGrowth.run();
      }
    } else if (before != null) {
      restored.remove(before.id());
    }
  }

  /**
   * Frees segments until the budget holds, or nothing more can go now. Several at a time: each asks
   * the store for its proof first, and one by one they would go slower than readers bring others.
   * Blocks.
   */
  void enforce() throws InterruptedException {
    long surplusBytes = catalog.stats().restoredBytes() - budgetBytes;
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
        if (!catalog.leases().isHeld(segment.id())) {
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
              !(e.getCause() instanceof StoreException.Unavailable
                  || e.getCause() instanceof StoreException.Rejected);
        }
      } else {
        return;
      }
    }
  }

  private record Freeing(SegmentMetadata segment, CompletableFuture<SegmentMetadata> outcome) {}
}
