package io.takhin.tiered.transfer;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Named daemon threads behind a bounded queue. Whole operations run here, and wait for their parts
 * in a {@link TransferPool}.
 */
public final class Workers implements Executor, AutoCloseable {
  private static final long IDLE_SECONDS = 60;
  private static final long CLOSE_SECONDS = 10;

  private final ThreadPoolExecutor executor;

  public Workers(String name, int threads, int maxQueued) {
    AtomicInteger number = new AtomicInteger();
    this.executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(maxQueued),
            task -> {
              Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
  }

  /**
   * Runs the task on one of the threads.
   *
   * @throws RejectedExecutionException if the queue is full or this is closed
   */
  @Override
  public void execute(Runnable task) {
    executor.execute(task);
  }

  public boolean isClosed() {
    return executor.isShutdown();
  }

  /**
   * Lets what runs end by itself for a while, then interrupts it. What is queued is run by the
   * caller of this method and has to look at {@link #isClosed} first, so that whoever waits for it
   * is told.
   */
  @Override
  public void close() {
    executor.shutdown();
    for (Runnable queued; (queued = executor.getQueue().poll()) != null; ) {
      queued.run();
    }
    try {
      if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
