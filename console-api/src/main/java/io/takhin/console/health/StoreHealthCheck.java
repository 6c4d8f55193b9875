package io.takhin.console.health;

import io.takhin.tiered.store.metered.StoreHealth;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * Whether the object store answers, as told by the requests that were made. A store that is down
 * degrades the process and does not take it out of service, because local data is served.
 */
public final class StoreHealthCheck implements HealthCheck {
  private final Supplier<StoreHealth> latest;

  /**
   * @param latest waits for nothing
   */
  public StoreHealthCheck(Supplier<StoreHealth> latest) {
    this.latest = latest;
  }

  @Override
  public String name() {
    return "object_store";
  }

  @Override
  public Result check() {
    StoreHealth health = latest.get();
    Instant since = Instant.ofEpochMilli(health.sinceMillis());
    return health.reachable()
        ? Result.up("reachable since " + since)
        : Result.degraded(
            "unreachable since "
                + since
                + ", local data is served; last error: "
                + health.lastError());
  }
}
