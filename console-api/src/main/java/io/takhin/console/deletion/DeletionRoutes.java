package io.takhin.console.deletion;

import io.javalin.http.Context;
import io.takhin.console.http.Json;
import io.takhin.console.http.Problem;
import io.takhin.console.http.ProblemException;
import io.takhin.console.http.ProblemKind;
import io.takhin.console.http.RequestBody;
import io.takhin.console.http.Route;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.archive.Hold;
import io.takhin.tiered.archive.HoldConflictException;
import io.takhin.tiered.catalog.CatalogException;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Holds: list, set, release; and what is deleted and not removed yet. */
public final class DeletionRoutes {
  private static final String HOLDS = "/api/v1/tiered/holds";
  private static final String NAME = "name";
  private static final String TOPIC = "topic";
  private static final String PARTITION = "partition";
  private static final String FROM = "from_offset";
  private static final String TO = "to_offset";
  private static final String REASON = "reason";
  private static final Set<String> FIELDS = Set.of(TOPIC, PARTITION, FROM, TO, REASON);
  private static final int MAX_LISTED = 1_000;

  private final TieredStorageManager tiered;
  private final int maxRequestBytes;
  private final Clock clock;

  /**
   * @param maxRequestBytes largest body
   */
  public DeletionRoutes(TieredStorageManager tiered, int maxRequestBytes, Clock clock) {
    this.tiered = tiered;
    this.maxRequestBytes = maxRequestBytes;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(HOLDS, this::listHolds),
        Route.put(HOLDS + "/{" + NAME + "}", this::setHold),
        Route.delete(HOLDS + "/{" + NAME + "}", this::releaseHold),
        Route.get("/api/v1/tiered/deleted", this::listDeleted));
  }

  /** Not paged: there are a thousand at most. */
  private void listHolds(Context context) {
    List<HoldDetail> holds = tiered.holds().all().stream().map(HoldDetail::of).toList();
    Json.answer(context, new HoldDetail.Listing(holds, tiered.holds().heldSegments()));
  }

  /** Answered when the hold is in force and durable, which takes one request to the store. */
  private void setHold(Context context)
      throws IOException, CatalogException, HoldConflictException {
    RequestBody body = RequestBody.read(context, maxRequestBytes, FIELDS);
    Hold hold = hold(context.pathParam(NAME), body);
    Json.answer(context, HoldDetail.Placed.of(tiered.holds().set(hold)));
  }

  private Hold hold(String name, RequestBody body) {
    String topic = body.requiredText(TOPIC);
    String reason = body.requiredText(REASON);
    OptionalLong partition = body.wholeNumber(PARTITION);
    try {
      return new Hold(
          name,
          topic,
          partition.isPresent()
              ? OptionalInt.of(Math.toIntExact(partition.getAsLong()))
              : OptionalInt.empty(),
          body.wholeNumber(FROM),
          body.wholeNumber(TO),
          reason,
          clock.millis());
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw ProblemException.of(ProblemKind.INVALID_REQUEST, String.valueOf(e.getMessage()));
    }
  }

  private void releaseHold(Context context)
      throws IOException, CatalogException, HoldConflictException {
    String name = context.pathParam(NAME);
    Hold hold = tiered.holds().find(name).orElseThrow(() -> unknown(name));
    if (!tiered.holds().release(name)) {
      throw unknown(name);
    }
    Json.answer(context, HoldDetail.of(hold));
  }

  private static ProblemException unknown(String name) {
    return ProblemException.of(ProblemKind.HOLD_UNKNOWN, "there is no hold " + Problem.quote(name));
  }

  /** The first thousand, of one topic if it is given. */
  private void listDeleted(Context context) {
    String topic = context.queryParam(TOPIC);
    List<DeletedDetail> segments =
        tiered
            .deletions()
            .list(id -> topic == null || id.partition().topic().equals(topic), MAX_LISTED)
            .stream()
            .map(DeletedDetail::of)
            .toList();
    Json.answer(
        context,
        new DeletedDetail.Listing(
            segments, tiered.deletions().segments(), tiered.deletions().bytes()));
  }
}
