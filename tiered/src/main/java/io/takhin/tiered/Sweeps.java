package io.takhin.tiered;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.archive.OrphanSweeper;
import io.takhin.tiered.archive.SweepPlan;
import io.takhin.tiered.archive.SweepResult;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes from the bucket what has no owner, on schedule and when asked, on one thread of its own
 * that does one thing at a time. Whoever asks for what waits already shares it. Any thread.
 */
public final class Sweeps implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sweeps.class);

  /** A start has other things to do first. */
  private static final Duration FIRST_AFTER = Duration.ofMinutes(10);

  private static final long CLOSE_SECONDS = 5;

  private final OrphanSweeper sweeper;
  private final MeterRegistry meters;
  private final Counter removedObjects;
  private final Counter removedBytes;
  private final Counter abortedUploads;
  private final Counter retained;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread created = new Thread(task, "tiered-sweep");
            created.setDaemon(true);
            return created;
          });
  private final AtomicReference<@Nullable CompletableFuture<SweepPlan>> planning =
      new AtomicReference<>();
  private final AtomicReference<@Nullable CompletableFuture<Sweep>> sweeping =
      new AtomicReference<>();
  private volatile @Nullable SweepPlan lastPlan;
  private volatile @Nullable Sweep last;

  /** A plan and what came of it. */
  public record Sweep(SweepPlan plan, SweepResult result) {}

  Sweeps(OrphanSweeper sweeper, MeterRegistry meters) {
    this.sweeper = sweeper;
    this.meters = meters;
    this.removedObjects = meters.counter("tiered.storage.sweep.removed.objects");
    this.removedBytes = meters.counter("tiered.storage.sweep.removed.bytes");
    this.abortedUploads = meters.counter("tiered.storage.sweep.aborted.uploads");
    this.retained = meters.counter("tiered.storage.sweep.retained");
    meters.gauge("tiered.storage.sweep.orphans", this, Sweeps::orphans);
    meters.gauge("tiered.storage.sweep.orphan.bytes", this, Sweeps::orphanBytes);
  }

  /**
   * @param interval between two sweeps; zero for none but those that are asked for
   */
  void start(Duration interval) {
    if (interval.isZero()) {
      return;
    }
    Duration first = interval.compareTo(FIRST_AFTER) < 0 ? interval : FIRST_AFTER;
    var unused =
        thread.scheduleWithFixedDelay(
            this::onSchedule, first.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void onSchedule() {
    try {
      Sweep done = planAndAct();
      LOG.debug("sweep_done result={}", done.result());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception | Error e) {
      LOG.warn(
          "sweep_deferred problem=\"{}\" action=\"none if the store is down, the next one comes on"
              + " schedule; else see the problem\"",
          e.toString());
    }
  }

  /** Looks for what has no owner and removes nothing. */
  public CompletableFuture<SweepPlan> plan() {
    return shared(planning, this::makePlan);
  }

  /** Looks for what has no owner, and removes it. */
  public CompletableFuture<Sweep> sweep() {
    return shared(sweeping, this::planAndAct);
  }

  /** The latest plan since the start, whoever asked for it. */
  public Optional<SweepPlan> lastPlan() {
    return Optional.ofNullable(lastPlan);
  }

  /** The latest sweep since the start that came to its end. */
  public Optional<Sweep> lastSweep() {
    return Optional.ofNullable(last);
  }

  private SweepPlan makePlan() throws Exception {
    SweepPlan plan = sweeper.plan();
    lastPlan = plan;
    return plan;
  }

  private Sweep planAndAct() throws Exception {
    String outcome = "failure";
    try {
      SweepPlan plan = makePlan();
      Sweep sweep = new Sweep(plan, sweeper.act(plan));
      last = sweep;
      count(sweep.result());
      outcome = sweep.result().stopped().isEmpty() ? "success" : "stopped";
      return sweep;
    } finally {
      meters.counter("tiered.storage.sweep.runs", "outcome", outcome).increment();
    }
  }

  private void count(SweepResult result) {
    removedObjects.increment((double) result.removedObjects());
    removedBytes.increment((double) result.removedBytes());
    abortedUploads.increment((double) result.abortedUploads());
    retained.increment((double) result.retained());
  }

  private double orphans() {
    SweepPlan plan = lastPlan;
    return plan == null ? 0 : plan.orphanCount();
  }

  private double orphanBytes() {
    SweepPlan plan = lastPlan;
    return plan == null ? 0 : plan.orphanBytes();
  }

  /** At most one of each kind waits or runs, so the queue has a bound. */
  private <T> CompletableFuture<T> shared(
      AtomicReference<@Nullable CompletableFuture<T>> current, Callable<T> work) {
    CompletableFuture<T> mine = new CompletableFuture<>();
    CompletableFuture<T> running = current.get();
    while (running == null && !current.compareAndSet(null, mine)) {
      running = current.get();
    }
    if (running != null) {
      return running.copy();
    }
    try {
      thread.execute(
          () -> {
            try {
              T result = work.call();
              current.set(null);
              mine.complete(result);
            } catch (Throwable e) {
              current.set(null);
              mine.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      current.set(null);
      mine.completeExceptionally(e);
    }
    return mine.copy();
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("sweep_still_running action=\"none, its thread does not keep the process\"");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    CompletableFuture<SweepPlan> plan = planning.getAndSet(null);
    CompletableFuture<Sweep> sweep = sweeping.getAndSet(null);
    RejectedExecutionException closed = new RejectedExecutionException("the archiver is closing");
    if (plan != null) {
      plan.completeExceptionally(closed);
    }
    if (sweep != null) {
      sweep.completeExceptionally(closed);
    }
  }
}
