package io.takhin.tiered.transfer;

import io.takhin.tiered.transfer.Purpose.Priority;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The threads that move parts, shared by all transfers of one direction. Parts of the foreground
 * are taken first; among equals, those that came first.
 *
 * <p>A caller keeps at most {@code parallelism} parts of its file submitted, so the queue holds no
 * more than callers × parallelism entries, and a large file cannot push a small one back by more
 * than that. Callers wait on their own threads, never on one of these, so the pool cannot deadlock.
 */
final class TransferPool implements AutoCloseable {
  private static final long IDLE_SECONDS = 30;

  private final int parallelism;
  private final Precedence precedence;
  private final ThreadPoolExecutor executor;
  private final AtomicLong submitted = new AtomicLong();

  /** A pool without threads yet; their names begin with the given one. */
  TransferPool(String name, int parallelism, Precedence precedence) {
    this.parallelism = parallelism;
    this.precedence = precedence;
    AtomicInteger number = new AtomicInteger();
    this.executor =
        new ThreadPoolExecutor(
            parallelism,
            parallelism,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new PriorityBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
  }

  /** Something that a worker does for a transfer. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException, InterruptedException;
  }

  /** One part of a file; the index counts from 0. */
  @FunctionalInterface
  interface Part<T> {
    T transfer(int index) throws IOException, InterruptedException;
  }

  /**
   * Runs the parts {@code 0 … count-1} in parallel and returns their results in order.
   *
   * <p>When one fails no further one begins, and this method throws only after those under way have
   * ended, so that the caller may close what they use. An interrupt has the same effect and leaves
   * the flag set.
   */
  <T> List<T> run(Transfer transfer, int count, Part<T> part) throws IOException {
    List<T> results = new ArrayList<>(count);
    Deque<Future<T>> underWay = new ArrayDeque<>(parallelism);
    AtomicBoolean stopped = new AtomicBoolean();
    @Nullable Throwable failure = null;
    boolean interrupted = false;
    int next = 0;
    while (!underWay.isEmpty() || (next < count && failure == null)) {
      if (next < count && failure == null && underWay.size() < parallelism) {
        int index = next++;
        try {
          underWay.add(submit(transfer, stopped, () -> part.transfer(index)));
        } catch (RejectedExecutionException e) {
          failure = closing();
        }
        continue;
      }
      try {
        T result = underWay.element().get();
        underWay.remove();
        results.add(result);
      } catch (InterruptedException e) {
        interrupted = true;
        failure = failure == null ? new InterruptedIOException("transfer interrupted") : failure;
      } catch (ExecutionException e) {
        underWay.remove();
        failure = failure == null ? e.getCause() : failure;
      } finally {
        stopped.set(failure != null);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw rethrown(failure);
    }
    return results;
  }

  /**
   * Lets a worker do something for the transfer.
   *
   * @param stopped set by the caller when it is no longer wanted
   * @throws RejectedExecutionException if the pool is closed
   */
  <T> Future<T> submit(Transfer transfer, AtomicBoolean stopped, Work<T> work) {
    Task<T> task =
        new Task<>(
            transfer.purpose().priority(),
            submitted.incrementAndGet(),
            () -> {
              if (executor.isShutdown()) {
                throw closing();
              }
              if (stopped.get()) {
                throw new InterruptedIOException("transfer stopped: another part failed");
              }
              return worked(transfer, work);
            });
    executor.execute(task);
    return task;
  }

  private <T> T worked(Transfer transfer, Work<T> work) throws IOException {
    Priority priority = transfer.purpose().priority();
    transfer.begun();
    try {
      precedence.enter(priority);
      try {
        return work.run();
      } finally {
        precedence.leave(priority);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException("transfer interrupted");
      interrupted.initCause(e);
      throw interrupted;
    } finally {
      transfer.ended();
    }
  }

  /** What a part's failure is for the caller. */
  static IOException rethrown(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    return failure instanceof IOException io ? io : new IOException(failure);
  }

  private static InterruptedIOException closing() {
    return new InterruptedIOException("transfer stopped: the archiver is closing");
  }

  /** Interrupts the parts under way; their callers and those still queued fail. */
  @Override
  public void close() {
    for (Runnable queued : executor.shutdownNow()) {
      queued.run(); // It sees the shutdown and fails at once, which wakes its caller.
    }
  }

  private static final class Task<T> extends FutureTask<T> implements Comparable<Task<?>> {
    private final Priority priority;
    private final long number;

    Task(Priority priority, long number, java.util.concurrent.Callable<T> work) {
      super(work);
      this.priority = priority;
      this.number = number;
    }

    @Override
    public int compareTo(Task<?> other) {
      int byPriority = priority.compareTo(other.priority);
      return byPriority != 0 ? byPriority : Long.compare(number, other.number);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(number);
    }
  }
}
