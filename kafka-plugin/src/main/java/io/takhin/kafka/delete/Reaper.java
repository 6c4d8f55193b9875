package io.takhin.kafka.delete;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.kafka.layout.ObjectStem;
import io.takhin.kafka.ledger.Doomed;
import io.takhin.kafka.ledger.Ledger;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the objects that the ledger says are doomed. It goes through all of them; those that
 * failed are tried again after a pause that grows while there are some, or when a store that was
 * down answers again. So one that the store refuses to delete keeps no other from going, and new
 * work does not multiply the requests for old.
 *
 * <p>What a copy that failed has left is removed twice, the second time when no request of it can
 * arrive any more whose sender has given it up.
 *
 * <p>Meters: {@code takhin_kafka_deletes_pending} (segments), {@code
 * takhin_kafka_second_removals_pending} (copies that failed), {@code takhin_kafka_deletes} (by
 * {@code outcome}: done or failed).
 */
public final class Reaper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reaper.class);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_DOUBLINGS = 6;

  /** How long a broker is kept waiting for the removal of what its copy left. */
  private static final Duration UNDO_WAIT = Duration.ofSeconds(10);

  private static final long IDLE_SECONDS = 10;

  private final ObjectStore store;
  private final Ledger ledger;
  private final int parallelism;
  private final Duration pause;
  private final SecondLooks secondLooks;
  private final Counter done;
  private final Counter failed;
  private final Thread thread = new Thread(this::run, "takhin-kafka-reaper");
  private final ExecutorService undoing;

  /** What has failed since the last time that everything was tried. */
  private final Set<ObjectStem> putOff = ConcurrentHashMap.newKeySet();

  @GuardedBy("this")
  private boolean called;

  @GuardedBy("this")
  private boolean answered;

  @GuardedBy("this")
  private boolean closed;

  /**
   * Does nothing before {@link #start}.
   *
   * @param parallelism segments removed at the same time, and as many of copies that failed
   * @param pause after the first round with a failure; 64 times that after the seventh in a row
   * @param late how late a request of a copy that failed may still arrive
   */
  public Reaper(
      ObjectStore store,
      Ledger ledger,
      int parallelism,
      Duration pause,
      Duration late,
      MeterRegistry meters) {
    this.store = store;
    this.ledger = ledger;
    this.parallelism = parallelism;
    this.pause = pause;
    this.secondLooks = new SecondLooks(late);
    this.done = counter(meters, "done");
    this.failed = counter(meters, "failed");
    Gauge.builder("takhin_kafka_deletes_pending", this, Reaper::pending)
        .description("Segments whose objects are still to be removed from the bucket")
        .register(meters);
    Gauge.builder("takhin_kafka_second_removals_pending", this, Reaper::secondLooksPending)
        .description("Copies that failed and were removed, and are removed once more later")
        .register(meters);
    thread.setDaemon(true);
    this.undoing =
        new ThreadPoolExecutor(
            0,
            parallelism,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread undo = new Thread(task, "takhin-kafka-undo");
              undo.setDaemon(true);
              return undo;
            });
  }

  private static Counter counter(MeterRegistry meters, String outcome) {
    return Counter.builder("takhin_kafka_deletes")
        .description("Removals of a segment's objects from the bucket, by outcome")
        .tag("outcome", outcome)
        .register(meters);
  }

  public void start() {
    thread.start();
  }

  /** How many segments have objects that are still to be removed. Any thread. */
  public int pending() {
    Set<ObjectStem> removedOnce = secondLooks.waiting();
    return ledger.doomedCount(stem -> !removedOnce.contains(stem));
  }

  private int secondLooksPending() {
    return ledger.doomedCount(secondLooks.waiting()::contains);
  }

  /** There is something to remove. What has failed before waits for its time. */
  public synchronized void call() {
    called = true;
    notifyAll();
  }

  /** The store answers again: what has failed is tried now. Does not block. */
  public synchronized void storeAnswers() {
    answered = true;
    notifyAll();
  }

  /**
   * Removes what a copy left that has failed, at once and past all that waits, so that nothing of
   * it is there when the broker is told. Returns when that is done, or is not soon done: because
   * the store does not do it, or others are at it, or the caller is interrupted. It goes on then.
   */
  public void undo(ObjectStem stem) {
    secondLooks.forget(stem);
    Optional<Doomed> partial = ledger.abandon(stem);
    if (partial.isEmpty()) {
      call();
      return;
    }
    try {
      undoing.submit(() -> undo(partial.get())).get(UNDO_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      ledger.release(partial.get()); // Too many are at it already, or this is closed.
      call();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("partial_copy_left objects={} action=\"none; it is removed later\"", stem, e);
    }
  }

  private @Nullable Void undo(Doomed partial) throws StoreException {
    try {
      removeClaimed(partial);
      return null;
    } catch (StoreException | RuntimeException | Error e) {
      call();
      throw e;
    }
  }

  private void run() {
    int failures = 0;
    long retryNanos = 0;
    boolean isRetry = true;
    while (!isClosed()) {
      try {
        if (isRetry) {
          putOff.clear();
        }
        boolean knew = !putOff.isEmpty();
        boolean done = round() && putOff.isEmpty();
        if (done) {
          failures = 0;
        } else if (!knew) {
          failures++;
          long pauseNanos = pause.toNanos() << Math.min(failures - 1, MAX_DOUBLINGS);
          retryNanos = System.nanoTime() + pauseNanos;
        }
        isRetry = await(done, retryNanos);
      } catch (InterruptedException e) {
        LOG.debug("interrupted while removing, as closing does", e);
      }
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /**
   * Until somebody calls, or it is time for what has failed or, if nothing has, is to be removed
   * again. Says whether what has failed is to be tried.
   */
  private synchronized boolean await(boolean done, long retryNanos) throws InterruptedException {
    long began = System.nanoTime();
    long longest = done ? secondLooks.nanosToNext() : retryNanos - began;
    long left = longest;
    while (!called && !answered && !closed && left > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = longest - (System.nanoTime() - began);
    }
    boolean retry = answered || left <= 0;
    called = false;
    answered = false;
    return retry;
  }

  /** Whether everything was removed that is not put off. */
  private boolean round() throws InterruptedException {
    List<Doomed> doomed =
        secondLooks.due(ledger.doomed()).stream()
            .filter(each -> !putOff.contains(each.stem()))
            .toList();
    AtomicReference<@Nullable Throwable> firstFailure = new AtomicReference<>();
    AtomicInteger failures = new AtomicInteger();
    Iterator<Doomed> left = doomed.iterator();
    Runnable work =
        () -> {
          for (Doomed next = next(left); next != null && !isClosed(); next = next(left)) {
            try {
              remove(next);
            } catch (StoreException | RuntimeException | Error e) {
              putOff.add(next.stem());
              failures.incrementAndGet();
              firstFailure.compareAndSet(null, e);
            }
          }
        };
    try {
      runOnThreads(work, Math.min(parallelism, doomed.size()));
    } catch (Error e) { // No thread or memory to be had; what was begun has ended.
      firstFailure.compareAndSet(null, e);
    }
    Throwable failure = firstFailure.get();
    if (failure != null) {
      LOG.warn(
          "deletes_failed segments={} of={} problem=\"{}\" action=\"they are tried again; look at"
              + " the store if this goes on\"",
          failures.get(),
          doomed.size(),
          failure.toString());
    }
    return failure == null;
  }

  private static @Nullable Doomed next(Iterator<Doomed> left) {
    synchronized (left) {
      return left.hasNext() ? left.next() : null;
    }
  }

  /** Returns when all have ended; an interrupt is passed on to them. */
  private static void runOnThreads(Runnable work, int count) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      Thread thread = new Thread(work, "takhin-kafka-delete-" + number);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
          threads.forEach(Thread::interrupt);
        }
      }
    }
    if (interrupted) {
      throw new InterruptedException("interrupted while removing");
    }
  }

  private void remove(Doomed doomed) throws StoreException {
    if (ledger.claim(doomed)) {
      removeClaimed(doomed);
    }
  }

  private void removeClaimed(Doomed doomed) throws StoreException {
    boolean removed = false;
    try {
      ObjectStem stem = doomed.stem();
      if (doomed.mayHaveParts()) {
        for (PendingUpload upload : store.pendingUploads(stem + ".")) {
          store.resumeMultipart(upload).abort();
        }
      }
      for (ObjectKey key : stem.inOrderOfRemoval()) {
        store.delete(key);
      }
      removed = true;
    } finally {
      if (!removed) {
        ledger.release(doomed);
        failed.increment();
      }
    }
    if (!doomed.mayHaveParts() || secondLooks.settles(doomed.stem())) {
      ledger.gone(doomed);
      done.increment();
    } else {
      ledger.release(doomed);
      call(); // There is now a time to wait for.
    }
  }

  /** Ends soon; what is left is removed after the next start. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    thread.interrupt();
    undoing.shutdownNow();
    try {
      thread.join(CLOSE_TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
