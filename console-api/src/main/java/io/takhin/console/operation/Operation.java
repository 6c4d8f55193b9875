package io.takhin.console.operation;

import io.takhin.console.http.ProblemException;
import io.takhin.console.http.Problems;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was asked for. It belongs to nobody: the request that started it may go away, and
 * it ends all the same. Its fields are fixed but for {@code end}, which is written once.
 */
final class Operation {
  /**
   * @param result set on success
   * @param failure set on failure
   */
  private record End(Instant at, @Nullable Object result, @Nullable ProblemException failure) {}

  private final String id;
  private final OperationKind kind;
  private final @Nullable String segmentPath;
  private final Instant startedAt;

  /** Completes after the operation ended, never exceptionally, so that waiting is simple. */
  private final CompletableFuture<End> end = new CompletableFuture<>();

  Operation(String id, OperationKind kind, @Nullable String segmentPath, Instant startedAt) {
    this.id = id;
    this.kind = kind;
    this.segmentPath = segmentPath;
    this.startedAt = startedAt;
  }

  String id() {
    return id;
  }

  void succeed(Object result, Instant at) {
    end.complete(new End(at, result, null));
  }

  void fail(Throwable failure, Instant at) {
    ProblemException problem = Problems.of(failure);
    end.complete(
        new End(at, null, segmentPath == null ? problem : problem.aboutSegment(segmentPath)));
  }

  /** Completes when the operation has ended, however it did; cancelling it changes nothing. */
  CompletableFuture<?> ended() {
    return end.copy();
  }

  boolean isRunning() {
    return !end.isDone();
  }

  /**
   * What it led to.
   *
   * @throws ProblemException if it failed
   * @throws IllegalStateException if it still runs
   */
  Object result() {
    End reached = reached();
    if (reached == null) {
      throw new IllegalStateException("operation has not ended: " + id);
    }
    if (reached.failure() != null) {
      throw reached.failure();
    }
    return Objects.requireNonNull(reached.result());
  }

  OperationDetail detail(String instance) {
    End reached = reached();
    if (reached == null) {
      return new OperationDetail(
          id, kind.label(), segmentPath, "running", startedAt, null, null, null);
    }
    ProblemException failure = reached.failure();
    return new OperationDetail(
        id,
        kind.label(),
        segmentPath,
        failure == null ? "succeeded" : "failed",
        startedAt,
        reached.at(),
        reached.result(),
        failure == null ? null : failure.toProblem(instance));
  }

  private @Nullable End reached() {
    return end.getNow(null);
  }
}
