package io.takhin.tiered.store.metered;

import org.jspecify.annotations.Nullable;

/**
 * Whether a store answers, as seen from the calls that were made; nothing is sent to find out.
 *
 * @param reachable false from the first call that failed because the store was down or refused us,
 *     to the next that it answered; true before the first call
 * @param lastError message of the latest such failure; null while reachable
 * @param sinceMillis when {@code reachable} became what it is, in milliseconds since the epoch
 */
public record StoreHealth(boolean reachable, @Nullable String lastError, long sinceMillis) {}
