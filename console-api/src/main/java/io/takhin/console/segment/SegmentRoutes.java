package io.takhin.console.segment;

import io.javalin.http.Context;
import io.takhin.console.http.Json;
import io.takhin.console.http.Problems;
import io.takhin.console.http.Route;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentPage;
import io.takhin.tiered.policy.TierPolicy;
import io.takhin.tiered.segment.InvalidSegmentPathException;
import io.takhin.tiered.segment.SegmentId;
import java.time.Clock;
import java.util.List;

/** Reads of the catalog; they cost what they show and wait for nothing. */
public final class SegmentRoutes {
  private static final String PATH_PARAMETER = "segment_path";

  private final TieredStorageManager tiered;
  private final Clock clock;

  public SegmentRoutes(TieredStorageManager tiered, Clock clock) {
    this.tiered = tiered;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/api/v1/tiered/segments", this::list),
        Route.get("/api/v1/tiered/segments/<" + PATH_PARAMETER + ">", this::find));
  }

  /** The segment as it is now. */
  public SegmentDetail detail(SegmentMetadata segment) {
    TierPolicy policy = tiered.policy();
    long nowMillis = clock.millis();
    return SegmentDetail.of(
        segment,
        Explanation.of(segment, policy, nowMillis),
        tiered.readDecision(segment.id()),
        nowMillis);
  }

  private void find(Context context) {
    String path = context.pathParam(PATH_PARAMETER);
    try {
      SegmentId id = SegmentId.parse(path);
      SegmentMetadata segment =
          tiered.find(id).orElseThrow(() -> Problems.of(new CatalogException.UnknownSegment(id)));
      Json.answer(context, detail(segment));
    } catch (InvalidSegmentPathException e) {
      throw Problems.of(e).aboutSegment(path);
    }
  }

  private void list(Context context) {
    SegmentQuery query = SegmentQuery.of(context);
    SegmentPage page = tiered.list(query.filter(), query.after(), query.limit());
    Json.answer(
        context,
        new SegmentListing(
            page.segments().stream().map(this::detail).toList(),
            page.next().map(SegmentId::path).orElse(null)));
  }
}
