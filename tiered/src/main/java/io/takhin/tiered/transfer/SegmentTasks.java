package io.takhin.tiered.transfer;

import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/**
 * One operation at a time for each segment. Whoever asks for what is already under way joins it and
 * shares its result; whoever asks for something else gets a turn after it. Different segments do
 * not see each other.
 *
 * <p>The map holds the last operation of each segment, and a task begins when the one before it has
 * ended, whatever its outcome; nobody blocks. An operation that failed leaves nothing behind, so
 * the next call starts anew.
 *
 * @param <T> what the operations give
 */
public final class SegmentTasks<T> {
  /** What can be asked for. Calls join only a task of their own kind. */
  public enum Kind {
    ARCHIVE,
    SETTLE,
    RECLAIM,
    RESTORE,
    DELETE,
    TOMBSTONE,
    UNDELETE,
    REMOVE,
    VERIFY,
    SHED,
    /** Gives nothing; see {@link #runAlone}. */
    SWEEP
  }

  /** A flight of another kind than SWEEP gives a T. */
  private final ConcurrentMap<SegmentId, Flight<?>> last = new ConcurrentHashMap<>();

  private record Flight<R>(Kind kind, CompletableFuture<R> outcome) {}

  /**
   * Runs the task on the workers, or joins the one under way.
   *
   * @return the shared outcome; cancelling it affects nobody else. Fails with {@link
   *     SegmentBusyException} if the workers' queue is full or they are closed
   */
  @SuppressWarnings("unchecked") // Flights of one kind give the same type.
  public CompletableFuture<T> run(SegmentId id, Kind kind, Workers workers, Callable<T> task) {
    return enter(id, kind, workers, task, before -> view((Flight<T>) before));
  }

  /**
   * Runs a task that gives nothing while nothing else is under way for the segment. Calls do not
   * join.
   */
  public CompletableFuture<Boolean> runAlone(
      SegmentId id, Workers workers, Callable<Boolean> task) {
    return enter(
        id,
        Kind.SWEEP,
        workers,
        task,
        before -> CompletableFuture.failedFuture(new SegmentBusyException(id, "it is swept now")));
  }

  private <R> CompletableFuture<R> enter(
      SegmentId id,
      Kind kind,
      Workers workers,
      Callable<R> task,
      Function<Flight<?>, CompletableFuture<R>> join) {
    Flight<R> mine = new Flight<>(kind, new CompletableFuture<>());
    Flight<?> before;
    while (true) {
      before = last.get(id);
      if (before != null && before.kind() == kind) {
        return join.apply(before);
      }
      boolean entered =
          before == null ? last.putIfAbsent(id, mine) == null : last.replace(id, before, mine);
      if (entered) {
        break;
      }
    }
    if (before == null) {
      start(id, mine, workers, task);
    } else {
      // The dependent future is not needed: the flight tells how it went.
      CompletableFuture<?> unused =
          before.outcome().whenComplete((result, failure) -> start(id, mine, workers, task));
    }
    return view(mine);
  }

  /** Completes, always normally, when nothing that is now under way for the segment still is. */
  public CompletableFuture<Void> settled(SegmentId id) {
    return Optional.ofNullable(last.get(id))
        .map(flight -> flight.outcome().<Void>handle((result, failure) -> null))
        .orElseGet(() -> CompletableFuture.completedFuture(null));
  }

  /** What is under way for the segment, or waits as the last of its turns. */
  public Optional<Kind> underWay(SegmentId id) {
    return Optional.ofNullable(last.get(id)).map(Flight::kind);
  }

  /** How many segments something is under way for. */
  public int size() {
    return last.size();
  }

  /** A caller's own future: cancelling it leaves the shared one alone. */
  private static <R> CompletableFuture<R> view(Flight<R> flight) {
    CompletableFuture<R> view = new CompletableFuture<>();
    CompletableFuture<R> unused =
        flight
            .outcome()
            .whenComplete(
                (result, failure) -> {
                  if (failure == null) {
                    view.complete(result);
                  } else {
                    view.completeExceptionally(failure);
                  }
                });
    return view;
  }

  private <R> void start(SegmentId id, Flight<R> flight, Workers workers, Callable<R> task) {
    try {
      workers.execute(() -> finish(id, flight, workers, task));
    } catch (RejectedExecutionException e) {
      last.remove(id, flight);
      flight.outcome().completeExceptionally(refused(id, workers));
    }
  }

  /** An Error must reach the callers as well: a thread that dies in silence leaves them waiting. */
  private <R> void finish(SegmentId id, Flight<R> flight, Workers workers, Callable<R> task) {
    R result;
    try {
      if (workers.isClosed()) {
        throw refused(id, workers);
      }
      result = task.call();
    } catch (Throwable e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      last.remove(id, flight);
      flight.outcome().completeExceptionally(e);
      return;
    }
    last.remove(id, flight);
    flight.outcome().complete(result);
  }

  private static SegmentBusyException refused(SegmentId id, Workers workers) {
    return new SegmentBusyException(
        id,
        workers.isClosed() ? "the archiver is closing" : "too many operations are queued already");
  }
}
