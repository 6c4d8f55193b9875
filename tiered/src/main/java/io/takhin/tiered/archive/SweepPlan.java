package io.takhin.tiered.archive;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a sweep would remove, and what else it saw.
 *
 * @param madeAt by this machine's clock
 * @param grace how old something has to be, by the store's clock
 * @param orphans those that are removed when this plan is acted on: the first of them, in key
 *     order; what goes beyond waits for the next plan
 * @param totals all orphans by reason, also those that are not listed one by one
 * @param young objects and uploads that nothing names and that are too young to go
 * @param unclaimedManifests segments that the catalog does not know; never removed, a rebuild takes
 *     them in
 * @param unreadableManifests nothing beside them is removed
 * @param foreign objects and uploads that this program did not write; never removed
 * @param foreignKeys the first of them
 * @param objects listed in all
 */
public record SweepPlan(
    Instant madeAt,
    Duration grace,
    List<Orphan> orphans,
    Map<Orphan.Reason, Total> totals,
    long young,
    long unclaimedManifests,
    long unreadableManifests,
    long foreign,
    List<String> foreignKeys,
    long objects) {
  public SweepPlan {
    orphans = List.copyOf(orphans);
    totals = Map.copyOf(totals);
    foreignKeys = List.copyOf(foreignKeys);
  }

  /** So many of one reason. */
  public record Total(long count, long bytes) {
    static final Total NONE = new Total(0, 0);

    Total plus(long moreBytes) {
      return new Total(count + 1, bytes + moreBytes);
    }
  }

  /** All orphans, listed one by one or not. */
  public long orphanCount() {
    return totals.values().stream().mapToLong(Total::count).sum();
  }

  public long orphanBytes() {
    return totals.values().stream().mapToLong(Total::bytes).sum();
  }
}
