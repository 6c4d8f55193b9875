package io.takhin.console.sweep;

import io.takhin.console.http.Json;
import io.takhin.console.http.Route;
import io.takhin.tiered.Sweeps;
import java.util.List;

/** The latest plan and the latest sweep, from memory; a new one is an operation. */
public final class SweepRoutes {
  private final Sweeps sweeps;

  public SweepRoutes(Sweeps sweeps) {
    this.sweeps = sweeps;
  }

  public List<Route> routes() {
    return List.of(Route.get("/api/v1/tiered/sweep", context -> Json.answer(context, latest())));
  }

  private SweepDetail latest() {
    return new SweepDetail(
        sweeps.lastPlan().map(SweepDetail.Plan::of).orElse(null),
        sweeps.lastSweep().map(sweep -> SweepDetail.Result.of(sweep.result())).orElse(null));
  }
}
