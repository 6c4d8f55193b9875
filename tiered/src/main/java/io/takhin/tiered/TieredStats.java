package io.takhin.tiered;

import io.takhin.tiered.catalog.CatalogStats;
import io.takhin.tiered.policy.PolicyRun;
import io.takhin.tiered.store.metered.StoreHealth;
import io.takhin.tiered.store.metered.StoreTraffic;

/**
 * How things stand at one moment.
 *
 * @param catalog sums over all segments
 * @param traffic requests and bytes since the start
 * @param store whether the store answers, and if not, why
 * @param lastPolicyRun {@link PolicyRun#NONE} before the first
 * @param oldestUnarchivedAgeSeconds age of the oldest segment that only this machine holds
 * @param operationsUnderWay segments that are being moved, or wait for it
 * @param unfinished segments whose archiving was broken off or whose removal is not done yet
 */
public record TieredStats(
    CatalogStats catalog,
    StoreTraffic traffic,
    StoreHealth store,
    PolicyRun lastPolicyRun,
    double oldestUnarchivedAgeSeconds,
    int operationsUnderWay,
    int unfinished) {}
