package io.takhin.console.verify;

import io.takhin.console.http.Json;
import io.takhin.console.http.ProblemException;
import io.takhin.console.http.ProblemKind;
import io.takhin.console.http.RequestBody;
import io.takhin.console.http.Route;
import io.takhin.tiered.verify.Level;
import io.takhin.tiered.verify.SegmentVerifier;
import io.takhin.tiered.verify.VerifyRequest;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/** How the verification stands, and what is asked for in a new one, which is an operation. */
public final class VerifyRoutes {
  /** What a request may hold. */
  public static final Set<String> FIELDS = Set.of("level", "topic", "repair");

  private final SegmentVerifier verifier;

  public VerifyRoutes(SegmentVerifier verifier) {
    this.verifier = verifier;
  }

  public List<Route> routes() {
    return List.of(
        Route.get(
            "/api/v1/tiered/verify", context -> Json.answer(context, VerifyDetail.of(verifier))));
  }

  /**
   * What is asked for; without a level, by checksums.
   *
   * @throws ProblemException 400 if a field is not valid
   */
  public static VerifyRequest request(RequestBody body) {
    OptionalLong level = body.wholeNumber("level");
    long number = level.orElse(Level.CHECKSUMS.number());
    if (number < 0 || number > Level.CONTENT.number()) {
      throw ProblemException.of(
          ProblemKind.INVALID_REQUEST, "invalid level: expected 0, 1 or 2, got " + number);
    }
    return new VerifyRequest(
        Level.of((int) number), body.text("topic").orElse(null), body.flag("repair"));
  }

  /**
   * Begins it.
   *
   * @throws ProblemException 429 if too many wait
   */
  public static CompletableFuture<VerifyReportDetail> begin(
      SegmentVerifier verifier, VerifyRequest request) {
    try {
      return verifier.begin(request).outcome().thenApply(VerifyReportDetail::of);
    } catch (RejectedExecutionException e) {
      throw ProblemException.of(
          ProblemKind.TOO_MANY_REQUESTS,
          "too many verifications wait already, or the server is stopping");
    }
  }
}
