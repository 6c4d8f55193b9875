package io.takhin.console.operation;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.console.http.ProblemException;
import io.takhin.console.http.ProblemKind;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All operations that run, and the last ones that ended. Both are bounded: a start above the bound
 * is refused, and of the ended ones the oldest is forgotten. Threads: any.
 */
final class Operations {
  private static final String RETRY_AFTER_SECONDS = "5";

  private final int maxRunning;
  private final int maxKept;
  private final Clock clock;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<String, Operation> byId = new HashMap<>();

  /** Ids in the order in which their operations ended. */
  @GuardedBy("lock")
  private final Deque<String> ended = new ArrayDeque<>();

  Operations(int maxRunning, int maxKept, Clock clock) {
    this.maxRunning = maxRunning;
    this.maxKept = maxKept;
    this.clock = clock;
  }

  /**
   * Starts an operation.
   *
   * @param work asks the engine; called once, on the caller's thread; its future is not cancelled
   * @throws ProblemException 429 if too many run
   */
  Operation start(
      OperationKind kind,
      @Nullable String segmentPath,
      Supplier<? extends CompletableFuture<?>> work) {
    Operation operation =
        new Operation(UUID.randomUUID().toString(), kind, segmentPath, clock.instant());
    synchronized (lock) {
      int running = byId.size() - ended.size();
      if (running >= maxRunning) {
        throw ProblemException.of(
                ProblemKind.TOO_MANY_REQUESTS,
                running + " operations are running, which is as many as may")
            .withHeader("Retry-After", RETRY_AFTER_SECONDS);
      }
      byId.put(operation.id(), operation);
    }
    CompletableFuture<?> outcome;
    try {
      outcome = work.get();
    } catch (RuntimeException e) {
      outcome = CompletableFuture.failedFuture(e);
    }
    // Nobody waits for the dependent stage: the operation itself tells how it ended.
    CompletableFuture<?> unused =
        outcome.whenComplete((result, failure) -> end(operation, result, failure));
    return operation;
  }

  Optional<Operation> find(String id) {
    synchronized (lock) {
      return Optional.ofNullable(byId.get(id));
    }
  }

  private void end(Operation operation, @Nullable Object result, @Nullable Throwable failure) {
    if (result != null) {
      operation.succeed(result, clock.instant());
    } else {
      operation.fail(
          failure != null ? failure : new IllegalStateException("operation without a result"),
          clock.instant());
    }
    synchronized (lock) {
      ended.addLast(operation.id());
      if (ended.size() > maxKept) {
        byId.remove(ended.removeFirst());
      }
    }
  }
}
