package io.takhin.tiered.catalog;

import io.takhin.tiered.segment.SegmentId;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Who uses a segment's local files: many readers, or one reclaimer that is about to delete them.
 * Nobody waits: what cannot be had now is answered with empty. Only held leases take memory. Leases
 * are not durable; a restart begins with none.
 */
public final class SegmentLeases {
  private static final int RECLAIMED = -1;

  /** Number of readers, or {@link #RECLAIMED}; a segment without leases has no entry. */
  private final ConcurrentMap<SegmentId, Integer> holders = new ConcurrentHashMap<>();

  /** Shared with other readers; empty while the files are being reclaimed. */
  public Optional<Lease> read(SegmentId id) {
    int now =
        holders.merge(id, 1, (readers, one) -> readers == RECLAIMED ? RECLAIMED : readers + one);
    return now == RECLAIMED ? Optional.empty() : Optional.of(new Lease(this, id));
  }

  /** Exclusive; empty while a reader or another reclaimer holds the segment. */
  public Optional<Lease> reclaim(SegmentId id) {
    return holders.putIfAbsent(id, RECLAIMED) == null
        ? Optional.of(new Lease(this, id))
        : Optional.empty();
  }

  /** Whether anybody holds the segment, for reading or for reclaiming. */
  public boolean isHeld(SegmentId id) {
    return holders.containsKey(id);
  }

  private void release(SegmentId id) {
    holders.computeIfPresent(id, (key, held) -> held == RECLAIMED || held == 1 ? null : held - 1);
  }

  /** The right to use a segment's local files until it is closed. Any thread may close it. */
  public static final class Lease implements AutoCloseable {
    private final SegmentLeases leases;
    private final SegmentId id;
    private final AtomicBoolean open = new AtomicBoolean(true);

    private Lease(SegmentLeases leases, SegmentId id) {
      this.leases = leases;
      this.id = id;
    }

    public SegmentId id() {
      return id;
    }

    /** Gives the segment back; a second call does nothing. */
    @Override
    public void close() {
      if (open.compareAndSet(true, false)) {
        leases.release(id);
      }
    }
  }
}
