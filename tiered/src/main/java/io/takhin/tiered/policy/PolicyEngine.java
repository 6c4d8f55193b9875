package io.takhin.tiered.policy;

import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.policy.Decision.Action;
import io.takhin.tiered.segment.SegmentId;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the policy about each segment when its time has come, tells the catalog the tier, and has
 * the action done.
 *
 * <p>A pass costs what is due, not what there is: a {@link DueIndex} is filled from the catalog
 * once, at construction, and then follows its changes. The order is oldest first, so within a
 * partition the log is archived from its beginning. Actions run at the same time up to a bound; one
 * that fails is due again when the {@link AttemptRules} allow it and stops nobody, unless the
 * failure befalls every segment: then the pass only tells tiers and defers the rest.
 *
 * <p>A clock that went back would leave tiers that were told too early, so the index is filled anew
 * when the time of a pass is before that of the one before it. A clock that went forward makes
 * segments due, as it has to.
 *
 * <p>{@link #start} also starts the one thread, {@code policy-engine}, that runs the passes; {@link
 * #close} ends it. {@link #runOnce} may be called by any thread; passes do not overlap.
 */
public final class PolicyEngine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyEngine.class);
  private static final Duration LONGEST_FIRST_DELAY = Duration.ofMinutes(1);

  private final SegmentCatalog catalog;
  private final TierPolicy policy;
  private final TierActions actions;
  private final AttemptRules rules;
  private final Clock clock;
  private final Duration interval;
  private final int maxInFlight;
  private final DueIndex index = new DueIndex();

  /** Whose action ended, was deferred or led nowhere; the next pass looks at them first. */
  private final Queue<SegmentId> again = new ConcurrentLinkedQueue<>();

  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "policy-engine");
            thread.setDaemon(true);
            return thread;
          });

  /** Written by the pass, which is one at a time, and read by anyone. */
  private volatile PolicyRun lastRun = PolicyRun.NONE;

  private volatile long lastRunMillis = Long.MIN_VALUE;

  /** Whether a pass waits for its turn already, so that there is never more than one. */
  private final AtomicBoolean asked = new AtomicBoolean();

  /**
   * Fills the index from the catalog and follows it; runs nothing by itself.
   *
   * @param rules whose failure an action's is, and when a segment may be tried again
   * @param interval between passes; also how long a pass waits for actions that do not end
   * @param maxInFlight actions at the same time, 1 or more
   */
  PolicyEngine(
      SegmentCatalog catalog,
      TierPolicy policy,
      TierActions actions,
      AttemptRules rules,
      Clock clock,
      Duration interval,
      int maxInFlight) {
    if (interval.isNegative() || interval.isZero() || maxInFlight < 1) {
      throw new IllegalArgumentException(
          "invalid policy engine: expected interval > 0 and maxInFlight >= 1, got interval="
              + interval
              + " maxInFlight="
              + maxInFlight);
    }
    this.catalog = catalog;
    this.policy = policy;
    this.actions = actions;
    this.rules = rules;
    this.clock = clock;
    this.interval = interval;
    this.maxInFlight = maxInFlight;
    // First the listener, then what is there: a change in between is seen twice, not missed.
    catalog.addListener(
        (before, after) -> {
          if (after != null) {
            index.schedule(after.id(), reclassify(after, clock.millis()));
          } else if (before != null) {
            index.schedule(before.id(), Decision.NEVER);
          }
        });
    fillIndex(clock.millis());
  }

  /**
   * An engine whose passes run until it is closed, the first after the interval, but within a
   * minute. Parameters as in {@link #PolicyEngine the constructor}.
   */
  public static PolicyEngine start(
      SegmentCatalog catalog,
      TierPolicy policy,
      TierActions actions,
      AttemptRules rules,
      Clock clock,
      Duration interval,
      int maxInFlight) {
    PolicyEngine engine =
        new PolicyEngine(catalog, policy, actions, rules, clock, interval, maxInFlight);
    Duration first = interval.compareTo(LONGEST_FIRST_DELAY) < 0 ? interval : LONGEST_FIRST_DELAY;
    var unused =
        engine.executor.scheduleWithFixedDelay(
            engine::runAndSurvive, first.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    return engine;
  }

  /** Runs a pass now and returns what it did; waits for a pass that is running. */
  public synchronized PolicyRun runOnce() throws InterruptedException {
    long nowMillis = clock.millis();
    if (nowMillis < lastRunMillis) {
      LOG.warn(
          "clock went back, looking at every segment nowMillis={} lastRunMillis={}",
          nowMillis,
          lastRunMillis);
      fillIndex(nowMillis);
    }
    lastRunMillis = nowMillis;
    for (SegmentId id = again.poll(); id != null; id = again.poll()) {
      catalog.find(id).ifPresent(segment -> lookAgain(segment, nowMillis));
    }
    PolicyPass pass = new PolicyPass(actions, rules, maxInFlight, again);
    long due = 0;
    long reclassified = 0;
    try {
      do {
        for (Optional<SegmentId> id = index.takeDue(nowMillis);
            id.isPresent();
            id = index.takeDue(nowMillis)) {
          due++;
          Optional<SegmentMetadata> segment = catalog.find(id.get());
          if (segment.isPresent()) {
            reclassified += lookAt(segment.get(), nowMillis, pass) ? 1 : 0;
          }
        }
        // What ended may have made something due: freeing what was just archived, for example.
      } while (!pass.isIdle() && pass.awaitOne(interval));
    } finally {
      lastRun = pass.result(due, reclassified);
    }
    return lastRun;
  }

  /** Has the next pass look at the segment, because it may be tried again now. */
  public void reconsider(SegmentId id) {
    again.add(id);
  }

  /** Has a pass run soon, on the engine's thread; returns at once. */
  public void runSoon() {
    if (asked.compareAndSet(false, true)) {
      try {
        executor.execute(
            () -> {
              asked.set(false);
              runAndSurvive();
            });
      } catch (RejectedExecutionException e) {
        LOG.debug("policy pass not queued, the engine is closed");
      }
    }
  }

  /** What the last pass did; {@link PolicyRun#NONE} before the first. */
  public PolicyRun lastRun() {
    return lastRun;
  }

  /** Returns whether the tier is another one now. */
  private boolean lookAt(SegmentMetadata segment, long nowMillis, PolicyPass pass)
      throws InterruptedException {
    Decision decision = policy.decide(segment, nowMillis);
    boolean reclassified = decision.tier() != segment.tier();
    if (reclassified) {
      catalog.reclassify(segment.id(), decision.tier());
    }
    // The next tier change comes in any case; what the action changes, the listener hears.
    index.scheduleNoLater(segment.id(), decision.nextDueMillis());
    if (decision.action() != Action.NONE) {
      long mayTryAtMillis = rules.mayTryAtMillis(segment.id());
      if (mayTryAtMillis <= nowMillis) {
        pass.begin(segment, decision.action());
      } else {
        index.scheduleNoLater(segment.id(), mayTryAtMillis);
      }
    }
    return reclassified;
  }

  private void lookAgain(SegmentMetadata segment, long nowMillis) {
    index.scheduleNoLater(segment.id(), reclassify(segment, nowMillis));
  }

  /** Tells the segment's tier, and returns when a pass has to look at it. */
  private long reclassify(SegmentMetadata segment, long nowMillis) {
    Decision decision = policy.decide(segment, nowMillis);
    catalog.reclassify(segment.id(), decision.tier());
    if (decision.action() == Action.NONE) {
      return decision.nextDueMillis();
    }
    long mayTryAtMillis = rules.mayTryAtMillis(segment.id());
    // Among the overdue, the age decides which is first.
    return mayTryAtMillis <= nowMillis
        ? Math.min(nowMillis, segment.ageBaseMillis())
        : Math.min(decision.nextDueMillis(), mayTryAtMillis);
  }

  private void fillIndex(long nowMillis) {
    index.clear();
    catalog.forEach(segment -> lookAgain(segment, nowMillis));
  }

  private void runAndSurvive() {
    try {
      runOnce();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // close() wants the thread to end
    } catch (RuntimeException | Error e) {
      // Whatever left here, an OutOfMemoryError as well, would end the schedule for good.
      LOG.error("policy pass failed, the next one comes in {}", interval, e);
    }
  }

  /** Ends the schedule and the pass that waits; actions that were begun go on. */
  @Override
  public void close() {
    executor.shutdownNow();
  }
}
