package io.takhin.tiered.read;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The threads that ask the store, and who of those that wait goes next: what a reader waits for
 * before what is read ahead, and never all threads for the latter, so that a reader who comes finds
 * one free. Tasks must not throw. Any thread.
 */
final class FetchLanes implements AutoCloseable {
  private static final long IDLE_SECONDS = 30;
  private static final long CLOSE_SECONDS = 5;

  /** Far more than readers can wait for at a time; further ones are told to come back. */
  private static final int MAX_QUEUED = 10_000;

  private final int threads;
  private final int aheadThreads;
  private final ThreadPoolExecutor executor;

  @GuardedBy("this")
  private final Deque<Task> demanded = new ArrayDeque<>();

  @GuardedBy("this")
  private final Deque<Task> ahead = new ArrayDeque<>();

  @GuardedBy("this")
  private int running;

  @GuardedBy("this")
  private int runningAhead;

  @GuardedBy("this")
  private boolean closed;

  /** What is to be done on one of the threads. */
  interface Task {
    void run();

    /** Instead of {@link #run}, when the lanes are closed before its turn. */
    void refuse();
  }

  private record Turn(Task task, boolean isAhead) {}

  FetchLanes(String name, int threads) {
    this.threads = threads;
    this.aheadThreads = Math.max(1, threads * 3 / 4);
    AtomicInteger number = new AtomicInteger();
    this.executor =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE, // Bounded by the turns that are given.
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Queues a task.
   *
   * @return false if there are too many already, or this is closed; it is neither run nor refused
   */
  boolean submit(Task task, boolean isAhead) {
    synchronized (this) {
      Deque<Task> lane = isAhead ? ahead : demanded;
      if (closed || lane.size() >= MAX_QUEUED) {
        return false;
      }
      lane.add(task);
    }
    startNext();
    return true;
  }

  /** A reader waits now for what was only read ahead; nothing happens if it is running already. */
  void promote(Task task) {
    synchronized (this) {
      if (!ahead.remove(task)) {
        return;
      }
      demanded.add(task);
    }
    startNext();
  }

  /** A thread that ends a task takes the next one itself, so this starts one where one is free. */
  private void startNext() {
    Turn turn = next(null);
    if (turn != null) {
      try {
        executor.execute(() -> work(turn));
      } catch (RejectedExecutionException e) {
        turn.task().refuse(); // Closed since.
      }
    }
  }

  private void work(Turn first) {
    for (@Nullable Turn turn = first; turn != null; turn = next(turn)) {
      turn.task().run();
    }
  }

  private synchronized @Nullable Turn next(@Nullable Turn ended) {
    if (ended != null) {
      running--;
      runningAhead -= ended.isAhead() ? 1 : 0;
    }
    if (closed || running >= threads) {
      return null;
    }
    @Nullable Task task = demanded.poll();
    boolean isAhead = task == null;
    if (isAhead && runningAhead < aheadThreads) {
      task = ahead.poll();
    }
    if (task == null) {
      return null;
    }
    running++;
    runningAhead += isAhead ? 1 : 0;
    return new Turn(task, isAhead);
  }

  /** Refuses what waits, and interrupts what runs. */
  @Override
  public void close() {
    List<Task> waiting = new ArrayList<>();
    synchronized (this) {
      closed = true;
      waiting.addAll(demanded);
      waiting.addAll(ahead);
      demanded.clear();
      ahead.clear();
    }
    waiting.forEach(Task::refuse);
    executor.shutdownNow();
    try {
      boolean unused = executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
