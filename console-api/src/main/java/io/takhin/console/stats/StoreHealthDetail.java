package io.takhin.console.stats;

import io.takhin.tiered.store.metered.StoreHealth;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether the store answers, in a REST answer.
 *
 * @param lastError null while it is reachable
 * @param since when it became reachable or unreachable
 */
public record StoreHealthDetail(boolean reachable, @Nullable String lastError, Instant since) {
  public static StoreHealthDetail of(StoreHealth health) {
    return new StoreHealthDetail(
        health.reachable(), health.lastError(), Instant.ofEpochMilli(health.sinceMillis()));
  }
}
