package io.takhin.tiered.policy;

import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.policy.Decision.Action;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import java.time.Duration;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One pass of the engine: starts actions up to the bound, takes in what ended, and counts. Run by
 * one thread; only the two queues are shared with the threads on which actions end.
 */
final class PolicyPass {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyPass.class);

  private final TierActions actions;
  private final AttemptRules rules;
  private final int maxInFlight;
  private final BlockingQueue<Outcome> ended = new LinkedBlockingQueue<>();
  private final Set<Attempt> attempts = new HashSet<>();
  private final Queue<SegmentId> again;
  private int inFlight;
  private boolean storeDown;

  /** Doubtful failures since the last success: as many as there are turns are no coincidence. */
  private int doubts;

  private long archived;
  private long reclaimed;
  private long failed;
  private long deferred;

  private record Attempt(SegmentId id, Action action) {}

  private record Outcome(Attempt attempt, @Nullable Throwable failure) {}

  /**
   * @param again gets the segments to be looked at in the next pass, also those whose action ends
   *     when this pass is over; thread-safe
   */
  PolicyPass(TierActions actions, AttemptRules rules, int maxInFlight, Queue<SegmentId> again) {
    this.again = again;
    this.actions = actions;
    this.rules = rules;
    this.maxInFlight = maxInFlight;
  }

  /** Begins the action as soon as there is room; waits for room as long as it takes. */
  void begin(SegmentMetadata segment, Action action) throws InterruptedException {
    Attempt attempt = new Attempt(segment.id(), action);
    awaitRoom(segment.id());
    if (storeDown) {
      deferred++;
      again.add(segment.id());
    } else if (attempts.add(attempt)) {
      inFlight++;
      var unused =
          start(attempt)
              .whenComplete(
                  (done, failure) -> {
                    again.add(attempt.id);
                    ended.add(new Outcome(attempt, failure));
                  });
    } else {
      // It ended without getting the segment any further; asking at once would go round in circles.
      again.add(segment.id());
    }
  }

  private void awaitRoom(SegmentId id) throws InterruptedException {
    try {
      while (inFlight >= maxInFlight) {
        takeIn(ended.take());
      }
    } catch (InterruptedException e) {
      again.add(id); // The index no longer has it, so it would be forgotten until a restart.
      throw e;
    }
  }

  private CompletableFuture<SegmentMetadata> start(Attempt attempt) {
    try {
      return attempt.action == Action.ARCHIVE
          ? actions.archive(attempt.id, "policy")
          : actions.reclaim(attempt.id, "policy");
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  boolean isIdle() {
    return inFlight == 0;
  }

  /** Waits for the next action to end; false if none did within the time. */
  boolean awaitOne(Duration patience) throws InterruptedException {
    Outcome outcome = ended.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    if (outcome == null) {
      return false;
    }
    takeIn(outcome);
    return true;
  }

  private void takeIn(Outcome outcome) {
    inFlight--;
    Attempt attempt = outcome.attempt;
    if (outcome.failure == null) {
      doubts = 0;
      archived += attempt.action == Action.ARCHIVE ? 1 : 0;
      reclaimed += attempt.action == Action.RECLAIM ? 1 : 0;
      return;
    }
    Throwable cause =
        outcome.failure instanceof CompletionException wrapped && wrapped.getCause() != null
            ? wrapped.getCause()
            : outcome.failure;
    if (cause instanceof SegmentBusyException) {
      deferred++; // A reader has it, or an older segment has to go first: nothing is wrong.
      LOG.debug("policy action deferred segment={} cause={}", attempt.id, cause.getMessage());
      return;
    }
    failed++;
    FailureScope scope = rules.scope(cause);
    doubts += scope == FailureScope.DOUBTFUL ? 1 : 0;
    boolean everySegment = scope == FailureScope.STORE || doubts >= maxInFlight;
    // The others that were under way when the store went down have nothing to add.
    LOG.atLevel(everySegment && storeDown ? Level.DEBUG : Level.WARN)
        .log(
            "policy action failed, it is tried again later segment={} action={} cause={}",
            attempt.id,
            attempt.action,
            cause.toString());
    storeDown |= everySegment;
  }

  PolicyRun result(long due, long reclassified) {
    return new PolicyRun(due, reclassified, archived, reclaimed, failed, deferred, inFlight);
  }
}
