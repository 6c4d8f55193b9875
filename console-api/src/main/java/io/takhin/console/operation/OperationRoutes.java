package io.takhin.console.operation;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.takhin.console.http.Json;
import io.takhin.console.http.Problem;
import io.takhin.console.http.ProblemException;
import io.takhin.console.http.ProblemKind;
import io.takhin.console.http.Problems;
import io.takhin.console.http.RequestBody;
import io.takhin.console.http.Route;
import io.takhin.console.segment.SegmentRoutes;
import io.takhin.console.sweep.SweepDetail;
import io.takhin.console.verify.VerifyRoutes;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.InvalidSegmentPathException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.verify.VerifyRequest;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls that make the engine do something.
 *
 * <p>Each starts an {@link Operation}. A request waits for its end without holding a thread, for as
 * long as {@link OperationLimits#maxWait()}; with {@code ?wait=false}, or when that time has
 * passed, it is answered 202 and the operation's address. A client that goes away stops nothing.
 */
public final class OperationRoutes {
  private static final String REASON = "asked for over REST";
  private static final String SEGMENT_PATH = "segment_path";
  private static final String TOPIC = "topic";
  private static final String OPERATIONS = "/api/v1/tiered/operations/";
  private static final String RETRY_AFTER_SECONDS = "5";

  /** Asks the engine for a move of one segment. */
  private interface Move {
    CompletableFuture<SegmentMetadata> ask(SegmentId id, String reason);
  }

  private final TieredStorageManager tiered;
  private final SegmentRoutes segments;
  private final PolicyPasses passes;
  private final Operations operations;
  private final OperationLimits limits;
  private final Semaphore waiting;
  private final Executor answers;

  /**
   * @param answers runs the short end of each request that waited
   */
  public OperationRoutes(
      TieredStorageManager tiered,
      SegmentRoutes segments,
      PolicyPasses passes,
      OperationLimits limits,
      Executor answers,
      Clock clock) {
    this.tiered = tiered;
    this.segments = segments;
    this.passes = passes;
    this.operations = new Operations(limits.maxRunning(), limits.maxKept(), clock);
    this.limits = limits;
    this.waiting = new Semaphore(limits.maxWaiting());
    this.answers = answers;
  }

  public List<Route> routes() {
    return List.of(
        Route.post(
            "/api/v1/tiered/archive",
            context -> move(context, OperationKind.ARCHIVE, tiered::archive)),
        Route.post(
            "/api/v1/tiered/restore",
            context -> move(context, OperationKind.RESTORE, tiered::restore)),
        Route.post("/api/v1/tiered/undelete", this::undelete),
        Route.post("/api/v1/tiered/policy/run", this::runPolicy),
        Route.post("/api/v1/tiered/sweep", this::sweep),
        Route.post("/api/v1/tiered/verify", this::verify),
        Route.get(OPERATIONS + "{operation_id}", this::find));
  }

  private void move(Context context, OperationKind kind, Move move) throws IOException {
    boolean wait = wait(context);
    RequestBody body = RequestBody.read(context, limits.maxRequestBytes(), Set.of(SEGMENT_PATH));
    String path = body.requiredText(SEGMENT_PATH);
    SegmentId id = parse(path);
    start(context, kind, path, wait, () -> move.ask(id, REASON).thenApply(segments::detail));
  }

  /** One segment, or all deleted ones of a topic; either way the topic's log reaches back to it. */
  private void undelete(Context context) throws IOException {
    boolean wait = wait(context);
    RequestBody body =
        RequestBody.read(context, limits.maxRequestBytes(), Set.of(SEGMENT_PATH, TOPIC));
    Optional<String> path = body.text(SEGMENT_PATH);
    Optional<String> topic = body.text(TOPIC);
    if (path.isPresent() == topic.isPresent()) {
      throw ProblemException.of(
          ProblemKind.INVALID_REQUEST, "expected '" + TOPIC + "' or '" + SEGMENT_PATH + "'");
    }
    Supplier<CompletableFuture<UndeletionDetail>> work;
    if (path.isPresent()) {
      SegmentId id = parse(path.get());
      work = () -> undelete(id.partition().topic(), id::equals);
    } else {
      work = () -> undelete(topic.orElseThrow(), any -> true);
    }
    start(context, OperationKind.UNDELETE, path.orElse(null), wait, work);
  }

  private CompletableFuture<UndeletionDetail> undelete(String topic, Predicate<SegmentId> wanted) {
    return tiered.deletions().undelete(topic, wanted, REASON).thenApply(UndeletionDetail::of);
  }

  private void runPolicy(Context context) throws IOException {
    boolean wait = wait(context);
    RequestBody.read(context, limits.maxRequestBytes(), Set.of());
    start(context, OperationKind.POLICY_RUN, null, wait, passes::run);
  }

  private void sweep(Context context) throws IOException {
    boolean wait = wait(context);
    boolean dryRun = flag(context, "dry_run", false);
    RequestBody.read(context, limits.maxRequestBytes(), Set.of());
    start(
        context,
        OperationKind.SWEEP,
        null,
        wait,
        () ->
            dryRun
                ? tiered.sweeper().plan().thenApply(SweepDetail::of)
                : tiered.sweeper().sweep().thenApply(SweepDetail::of));
  }

  private void verify(Context context) throws IOException {
    boolean wait = wait(context);
    VerifyRequest request =
        VerifyRoutes.request(
            RequestBody.read(context, limits.maxRequestBytes(), VerifyRoutes.FIELDS));
    start(
        context,
        OperationKind.VERIFY,
        null,
        wait,
        () -> VerifyRoutes.begin(tiered.verifier(), request));
  }

  private void find(Context context) {
    String id = context.pathParam("operation_id");
    Operation operation =
        operations
            .find(id)
            .orElseThrow(
                () ->
                    ProblemException.of(
                        ProblemKind.OPERATION_UNKNOWN,
                        "no operation "
                            + Problem.quote(id)
                            + "; ended ones are forgotten after a while and at a restart"));
    Json.answer(context, operation.detail(context.path()));
  }

  private void start(
      Context context,
      OperationKind kind,
      @Nullable String segmentPath,
      boolean wait,
      Supplier<? extends CompletableFuture<?>> work) {
    if (!wait) {
      accepted(context, operations.start(kind, segmentPath, work));
      return;
    }
    if (!waiting.tryAcquire()) {
      throw ProblemException.of(
              ProblemKind.TOO_MANY_REQUESTS,
              limits.maxWaiting()
                  + " requests are waiting, which is as many as may; ask with ?wait=false")
          .withHeader("Retry-After", RETRY_AFTER_SECONDS);
    }
    CompletableFuture<?> ended;
    Operation operation;
    try {
      operation = operations.start(kind, segmentPath, work);
      ended = operation.ended().orTimeout(limits.maxWait().toMillis(), TimeUnit.MILLISECONDS);
    } catch (RuntimeException e) {
      waiting.release();
      throw e;
    }
    // The permit follows the wait itself, because the server cancels what it was given when the
    // client goes away.
    CompletableFuture<?> waited = ended.whenComplete((end, timeout) -> waiting.release());
    context.future(() -> waited.handleAsync((end, timeout) -> finish(context, operation), answers));
  }

  private static @Nullable Void finish(Context context, Operation operation) {
    if (operation.isRunning()) {
      accepted(context, operation);
    } else {
      Json.answer(context, operation.result());
    }
    return null;
  }

  private static void accepted(Context context, Operation operation) {
    String location = OPERATIONS + operation.id();
    context.status(HttpStatus.ACCEPTED).header("Location", location);
    Json.answer(context, operation.detail(location));
  }

  private static boolean wait(Context context) {
    return flag(context, "wait", true);
  }

  private static boolean flag(Context context, String name, boolean otherwise) {
    String text = context.queryParam(name);
    if (text == null) {
      return otherwise;
    }
    if (text.equals("true") || text.equals("false")) {
      return text.equals("true");
    }
    throw ProblemException.of(
        ProblemKind.INVALID_REQUEST,
        "invalid " + name + ": expected true or false, got " + Problem.quote(text));
  }

  private static SegmentId parse(String path) {
    try {
      return SegmentId.parse(path);
    } catch (InvalidSegmentPathException e) {
      throw Problems.of(e).aboutSegment(path);
    }
  }
}
