package io.takhin.console.disk;

import io.javalin.http.Context;
import io.takhin.console.http.Json;
import io.takhin.console.http.Route;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.Gap;
import java.util.List;

/** The disk, and the gaps. */
public final class DiskRoutes {
  /** An answer of some hundred kilobytes; the sums are of all. */
  private static final int MAX_LISTED = 1000;

  private final TieredStorageManager tiered;

  public DiskRoutes(TieredStorageManager tiered) {
    this.tiered = tiered;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(
            "/api/v1/tiered/disk",
            context -> Json.answer(context, DiskDetail.of(tiered.disk().status()))),
        Route.get("/api/v1/tiered/gaps", this::gaps));
  }

  private void gaps(Context context) {
    List<Gap> all = tiered.gaps().all();
    Json.answer(
        context,
        new GapDetail.Listing(
            all.size(),
            all.stream().mapToLong(Gap::bytes).sum(),
            all.stream().limit(MAX_LISTED).map(GapDetail::of).toList()));
  }
}
