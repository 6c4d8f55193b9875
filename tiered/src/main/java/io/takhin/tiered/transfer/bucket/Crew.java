package io.takhin.tiered.transfer.bucket;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads that take objects from a bounded queue, one each at a time.
 *
 * <p>Made, fed and closed by the thread of the run; {@link #stop} by any.
 *
 * @param <T> what is worked on
 */
final class Crew<T> implements AutoCloseable {
  private static final int QUEUED_PER_WORKER = 4;
  private static final long LOOK_UP_MILLIS = 100;

  /** An empty place in the queue sends home the worker who takes it. */
  private final BlockingQueue<Optional<T>> queue;

  private final List<Thread> workers = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> defect = new AtomicReference<>();
  private volatile boolean stopped;

  /**
   * @param work handles its own failures; what it throws is a defect that stops everything
   */
  Crew(int size, Consumer<T> work) {
    this.queue = new ArrayBlockingQueue<>(size * QUEUED_PER_WORKER);
    for (int number = 1; number <= size; number++) {
      Thread worker = new Thread(() -> work(work), "takhin-transfer-" + number);
      worker.setDaemon(true);
      workers.add(worker);
      worker.start();
    }
  }

  /** Queues an object, waiting for room; does nothing once this is stopped. */
  void give(T object) throws InterruptedException {
    offer(Optional.of(object));
  }

  /** Waits until everything queued is done, or this is stopped. */
  void finish() throws InterruptedException {
    for (int index = 0; index < workers.size(); index++) {
      offer(Optional.empty());
    }
    for (Thread worker : workers) {
      while (!stopped && worker.isAlive()) {
        worker.join(LOOK_UP_MILLIS);
      }
    }
    @Nullable Throwable thrown = defect.get();
    if (thrown != null) {
      throw new IllegalStateException("a transfer thread ended by a defect", thrown);
    }
  }

  /** Interrupts what is under way; nothing further begins. */
  void stop() {
    stopped = true;
    workers.forEach(Thread::interrupt);
  }

  boolean isStopped() {
    return stopped;
  }

  /** Stops, and waits for the threads whatever happens: they clean up behind them. */
  @Override
  public void close() {
    stop();
    boolean interrupted = false;
    for (Thread worker : workers) {
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void offer(Optional<T> place) throws InterruptedException {
    boolean taken = false;
    while (!stopped && !taken) {
      taken = queue.offer(place, LOOK_UP_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void work(Consumer<T> work) {
    try {
      for (Optional<T> next = queue.take(); next.isPresent() && !stopped; next = queue.take()) {
        work.accept(next.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Stopped, which is the only reason for an interrupt.
    } catch (Throwable e) {
      defect.compareAndSet(null, e);
      stop();
    }
  }
}
