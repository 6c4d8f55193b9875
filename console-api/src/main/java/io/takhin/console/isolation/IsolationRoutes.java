package io.takhin.console.isolation;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.takhin.console.http.Json;
import io.takhin.console.http.ProblemException;
import io.takhin.console.http.ProblemKind;
import io.takhin.console.http.RequestBody;
import io.takhin.console.http.Route;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.QuarantineEntry;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The segments that failed by themselves and another try of them; who writes to the prefix. */
public final class IsolationRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(IsolationRoutes.class);
  private static final String QUARANTINE = "/api/v1/tiered/quarantine";
  private static final String WRITER = "/api/v1/tiered/writer";
  private static final String PATH = "segment_path";
  private static final String ALL = "all";

  /** Whoever has more has one cause, and finds it among these. */
  private static final int MAX_LISTED = 1_000;

  private final TieredStorageManager tiered;
  private final int maxRequestBytes;

  /**
   * @param maxRequestBytes largest body
   */
  public IsolationRoutes(TieredStorageManager tiered, int maxRequestBytes) {
    this.tiered = tiered;
    this.maxRequestBytes = maxRequestBytes;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(QUARANTINE, this::list),
        Route.post(QUARANTINE + "/retry", this::retry),
        Route.get(WRITER, this::writer),
        Route.post(WRITER + "/take-over", this::takeOver));
  }

  private void list(Context context) {
    List<QuarantineEntry> all = tiered.quarantine().list();
    Json.answer(
        context,
        new QuarantineDetail.Listing(
            all.size(), all.stream().limit(MAX_LISTED).map(QuarantineDetail::of).toList()));
  }

  /** Answered when the attempts are begun; how they end, the list tells. */
  private void retry(Context context) throws IOException, CatalogException {
    RequestBody body = RequestBody.read(context, maxRequestBytes, Set.of(PATH, ALL));
    Optional<String> path = body.text(PATH);
    if (path.isPresent() == body.flag(ALL)) {
      throw ProblemException.of(
          ProblemKind.INVALID_REQUEST, "expected either '" + PATH + "' or '" + ALL + "': true");
    }
    int retried = path.isPresent() ? retry(path.get()) : tiered.quarantine().retryAll();
    LOG.info("quarantine_retried segments={}", retried);
    context.status(HttpStatus.ACCEPTED);
    Json.answer(context, new QuarantineDetail.Retried(retried));
  }

  private int retry(String path) throws CatalogException {
    if (!tiered.quarantine().retry(SegmentId.parse(path))) {
      throw ProblemException.of(
              ProblemKind.SEGMENT_UNKNOWN, "nothing is held against the segment; it may be done")
          .aboutSegment(path);
    }
    return 1;
  }

  private void writer(Context context) {
    Json.answer(context, WriterDetail.of(tiered.writer().status()));
  }

  /** Waits for the few requests that it takes. */
  private void takeOver(Context context) throws IOException, CatalogException {
    RequestBody.read(context, maxRequestBytes, Set.of());
    LOG.warn("prefix_taken_over action=\"none, if the other writer has ended\"");
    Json.answer(context, WriterDetail.of(tiered.writer().takeOver()));
  }
}
