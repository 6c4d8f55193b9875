package io.takhin.console.stats;

import io.takhin.console.http.Json;
import io.takhin.console.http.Route;
import io.takhin.tiered.TieredStorageManager;
import java.util.List;

/** The sums over all segments. They take no longer with more segments. */
public final class StatsRoutes {
  private final TieredStorageManager tiered;

  public StatsRoutes(TieredStorageManager tiered) {
    this.tiered = tiered;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(
            "/api/v1/tiered/stats",
            context -> Json.answer(context, StatsDetail.of(tiered.stats(), tiered.gaps()))));
  }
}
