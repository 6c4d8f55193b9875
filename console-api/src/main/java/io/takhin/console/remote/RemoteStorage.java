package io.takhin.console.remote;

import io.takhin.console.transfer.Transfers;
import io.takhin.tiered.read.ReadStats;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.metered.StoreHealth;
import org.jspecify.annotations.Nullable;

/**
 * What a console shows of storage that it knows no catalog of: the broker decides what is copied
 * and removed, and the bucket is the only list of what there is.
 *
 * <p>Called by request threads, by several at the same time. Only {@link #topics} and {@link
 * #segments} ask the store; the others tell what is known already and wait for nothing.
 */
public interface RemoteStorage {
  /** What was asked of it since the start. */
  RemoteStats stats();

  /** Whether the store answers. */
  StoreHealth storeHealth();

  /** What reads have cost since the start, and what is cached now. */
  ReadStats reads();

  /** What travels to the bucket and from it. */
  Transfers transfers();

  /**
   * Adds up a stretch of the bucket's listing by topic, in the order of the keys.
   *
   * @param after where the stretch before ended; null for the first
   */
  RemoteTopicListing topics(@Nullable ObjectKey after) throws StoreException;

  /**
   * A page of segments as the bucket's listing has them, in the order of the keys.
   *
   * @param topic only of this one; null for all
   * @param after where the page before ended; null for the first
   * @param limit how many at most, 1 or more
   */
  RemoteSegmentListing segments(@Nullable String topic, @Nullable ObjectKey after, int limit)
      throws StoreException;
}
