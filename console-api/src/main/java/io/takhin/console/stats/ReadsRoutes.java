package io.takhin.console.stats;

import io.takhin.console.http.Json;
import io.takhin.console.http.Route;
import io.takhin.tiered.read.ReadStats;
import java.util.List;
import java.util.function.Supplier;

/** What reads of cold segments cost, and what is cached of them. */
public final class ReadsRoutes {
  private final Supplier<ReadStats> stats;

  /**
   * @param stats waits for nothing
   */
  public ReadsRoutes(Supplier<ReadStats> stats) {
    this.stats = stats;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(
            "/api/v1/tiered/reads", context -> Json.answer(context, ReadsDetail.of(stats.get()))));
  }
}
