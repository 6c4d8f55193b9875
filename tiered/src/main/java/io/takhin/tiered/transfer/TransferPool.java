package io.takhin.tiered.transfer;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The threads that move parts, shared by all files of one direction.
 *
 * <p>A caller keeps at most {@code parallelism} parts of its file submitted, so the queue holds no
 * more than callers × parallelism entries, and a large file cannot push a small one back by more
 * than that. Callers wait on their own threads, never on one of these, so the pool cannot deadlock.
 */
public final class TransferPool implements AutoCloseable {
  private static final long IDLE_SECONDS = 30;

  private final TransferOptions options;
  private final ThreadPoolExecutor executor;

  /** One buffer per worker, released with its idle thread; so memory is bounded by the options. */
  private final ThreadLocal<ByteBuffer> buffers;

  /** A pool without threads yet; their names begin with the given one. */
  public TransferPool(String name, TransferOptions options) {
    this.options = options;
    this.buffers =
        ThreadLocal.withInitial(
            () -> ByteBuffer.allocateDirect(Math.toIntExact(options.partSizeBytes())));
    AtomicInteger number = new AtomicInteger();
    this.executor =
        new ThreadPoolExecutor(
            options.parallelism(),
            options.parallelism(),
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
  }

  TransferOptions options() {
    return options;
  }

  /** The calling worker's buffer, empty, of part size; owned by the running part until it ends. */
  ByteBuffer buffer() {
    return buffers.get().clear();
  }

  /**
   * Runs the parts {@code 0 … count-1} in parallel and returns their results in order.
   *
   * <p>When one fails no further one begins, and this method throws only after those under way have
   * ended, so that the caller may close what they use. An interrupt has the same effect and leaves
   * the flag set.
   */
  <T> List<T> run(int count, Part<T> part) throws IOException {
    List<T> results = new ArrayList<>(count);
    Deque<Future<T>> underWay = new ArrayDeque<>(options.parallelism());
    AtomicBoolean stopped = new AtomicBoolean();
    @Nullable Throwable failure = null;
    boolean interrupted = false;
    int next = 0;
    while (!underWay.isEmpty() || (next < count && failure == null)) {
      if (next < count && failure == null && underWay.size() < options.parallelism()) {
        try {
          underWay.add(submit(next++, part, stopped));
        } catch (RejectedExecutionException e) {
          failure = new InterruptedIOException("transfer stopped: the archiver is closing");
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

  private <T> Future<T> submit(int index, Part<T> part, AtomicBoolean stopped) {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              if (stopped.get() || executor.isShutdown()) {
                throw new InterruptedIOException("transfer stopped: another part failed");
              }
              return part.transfer(index);
            });
    executor.execute(task);
    return task;
  }

  private static IOException rethrown(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    return failure instanceof IOException io ? io : new IOException(failure);
  }

  /** Interrupts the parts under way; their callers and those still queued fail. */
  @Override
  public void close() {
    for (Runnable queued : executor.shutdownNow()) {
      queued.run(); // It sees the shutdown and fails at once, which wakes its caller.
    }
  }

  /** One part of a file; the index counts from 0. */
  @FunctionalInterface
  interface Part<T> {
    T transfer(int index) throws IOException;
  }
}
