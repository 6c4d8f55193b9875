package io.takhin.tiered;

import io.takhin.tiered.archive.WriterStatus;
import io.takhin.tiered.catalog.CatalogStats;
import io.takhin.tiered.catalog.QuarantineStage;
import io.takhin.tiered.policy.PolicyRun;
import io.takhin.tiered.store.metered.StoreHealth;
import io.takhin.tiered.store.metered.StoreTraffic;
import java.util.Map;

/**
 * How things stand at one moment.
 *
 * @param catalog sums over all segments
 * @param traffic requests and bytes since the start
 * @param store whether the store answers, and if not, why
 * @param lastPolicyRun {@link PolicyRun#NONE} before the first
 * @param oldestUnarchivedAgeSeconds age of the oldest segment that only this machine holds,
 *     quarantined ones included
 * @param operationsUnderWay segments that are being moved, or wait for it
 * @param unfinished segments whose archiving was broken off or whose removal is not done yet
 * @param writer whether this process may write to its prefix
 * @param quarantined how many segments are quarantined, for each stage
 */
public record TieredStats(
    CatalogStats catalog,
    StoreTraffic traffic,
    StoreHealth store,
    PolicyRun lastPolicyRun,
    double oldestUnarchivedAgeSeconds,
    int operationsUnderWay,
    int unfinished,
    WriterStatus writer,
    Map<QuarantineStage, Integer> quarantined) {
  public TieredStats {
    quarantined = Map.copyOf(quarantined);
  }
}
