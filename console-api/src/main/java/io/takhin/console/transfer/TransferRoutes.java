package io.takhin.console.transfer;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.takhin.console.http.Json;
import io.takhin.console.http.Problem;
import io.takhin.console.http.ProblemException;
import io.takhin.console.http.ProblemKind;
import io.takhin.console.http.RequestBody;
import io.takhin.console.http.Route;
import io.takhin.tiered.store.throttled.RateLimits;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What travels at this moment, how to stop it, and how fast it may go. */
public final class TransferRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(TransferRoutes.class);
  private static final String TRANSFERS = "/api/v1/tiered/transfers";
  private static final String LIMITS = "/api/v1/tiered/limits";
  private static final String ID = "transfer_id";
  private static final String UPLOAD = "upload_bytes_per_second";
  private static final String DOWNLOAD = "download_bytes_per_second";

  private final Transfers transfers;
  private final int maxRequestBytes;

  /**
   * @param maxRequestBytes largest body
   */
  public TransferRoutes(Transfers transfers, int maxRequestBytes) {
    this.transfers = transfers;
    this.maxRequestBytes = maxRequestBytes;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(TRANSFERS, this::list),
        Route.delete(TRANSFERS + "/{" + ID + "}", this::cancel),
        Route.get(LIMITS, this::showLimits),
        Route.put(LIMITS, this::changeLimits));
  }

  /** Not paged: there are no more than segments may be archived and restored at once. */
  private void list(Context context) {
    List<TransferDetail> underWay = transfers.underWay().stream().map(TransferDetail::of).toList();
    Json.answer(context, new TransferDetail.Listing(underWay));
  }

  /** Answered at once; the transfer is gone from the list when its threads have let go of it. */
  private void cancel(Context context) {
    String id = context.pathParam(ID);
    TransferDetail transfer =
        transfers.underWay().stream()
            .filter(status -> Long.toString(status.id()).equals(id))
            .findFirst()
            .filter(status -> transfers.cancel(status.id()))
            .map(TransferDetail::of)
            .orElseThrow(
                () ->
                    ProblemException.of(
                        ProblemKind.TRANSFER_UNKNOWN,
                        "no transfer " + Problem.quote(id) + " is under way; it may have ended"));
    LOG.info(
        "transfer_cancelled id={} direction={} key={} done_bytes={}",
        transfer.id(),
        transfer.direction(),
        transfer.key(),
        transfer.doneBytes());
    context.status(HttpStatus.ACCEPTED);
    Json.answer(context, transfer);
  }

  private void showLimits(Context context) {
    Json.answer(context, LimitsDetail.of(transfers.limits()));
  }

  /** Both are checked before either is changed; one that is left out stays as it is. */
  private void changeLimits(Context context) throws IOException {
    RequestBody body = RequestBody.read(context, maxRequestBytes, Set.of(UPLOAD, DOWNLOAD));
    OptionalLong upload = rate(body, UPLOAD);
    OptionalLong download = rate(body, DOWNLOAD);
    if (upload.isEmpty() && download.isEmpty()) {
      throw ProblemException.of(
          ProblemKind.INVALID_REQUEST, "expected '" + UPLOAD + "' or '" + DOWNLOAD + "', got none");
    }
    upload.ifPresent(transfers.limits()::setUpload);
    download.ifPresent(transfers.limits()::setDownload);
    showLimits(context);
  }

  private static OptionalLong rate(RequestBody body, String name) {
    OptionalLong rate = body.wholeNumber(name);
    if (rate.isPresent() && !RateLimits.isValid(rate.getAsLong())) {
      throw ProblemException.of(
          ProblemKind.INVALID_REQUEST,
          "invalid "
              + name
              + ": expected 0 for no limit, or "
              + RateLimits.MIN_BYTES_PER_SECOND
              + " or more, got "
              + rate.getAsLong());
    }
    return rate;
  }
}
