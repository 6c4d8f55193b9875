package io.takhin.console.sweep;

import io.takhin.tiered.Sweeps.Sweep;
import io.takhin.tiered.archive.Orphan;
import io.takhin.tiered.archive.SweepPlan;
import io.takhin.tiered.archive.SweepResult;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A sweep in a REST answer.
 *
 * @param plan null before there is one
 * @param result what came of acting on a plan; null if that was not asked for
 */
public record SweepDetail(@Nullable Plan plan, @Nullable Result result) {
  private static final int MAX_LISTED = 100;

  /**
   * What has no owner, and what else was seen.
   *
   * @param listed the first of the orphans
   */
  public record Plan(
      Instant plannedAt,
      long graceSeconds,
      long orphans,
      long orphanBytes,
      Map<String, Count> byReason,
      long young,
      long unclaimedManifests,
      long unreadableManifests,
      long foreign,
      List<String> foreignKeys,
      long objects,
      List<Listed> listed) {
    static Plan of(SweepPlan plan) {
      Map<String, Count> byReason = new TreeMap<>();
      plan.totals()
          .forEach(
              (reason, total) ->
                  byReason.put(reason.label(), new Count(total.count(), total.bytes())));
      return new Plan(
          plan.madeAt(),
          plan.grace().toSeconds(),
          plan.orphanCount(),
          plan.orphanBytes(),
          byReason,
          plan.young(),
          plan.unclaimedManifests(),
          plan.unreadableManifests(),
          plan.foreign(),
          plan.foreignKeys(),
          plan.objects(),
          plan.orphans().stream().limit(MAX_LISTED).map(Listed::of).toList());
    }
  }

  /** So many of one reason. */
  public record Count(long count, long bytes) {}

  /** One orphan. */
  public record Listed(
      String reason, String segmentPath, String key, long sizeBytes, Instant since) {
    static Listed of(Orphan orphan) {
      return new Listed(
          orphan.reason().label(),
          orphan.id().path(),
          orphan.key().value(),
          orphan.sizeBytes(),
          orphan.since());
    }
  }

  /**
   * What was done.
   *
   * @param stopped why it ended before the plan did; null if it did not
   */
  public record Result(
      long removedObjects,
      long removedBytes,
      long abortedUploads,
      long retained,
      long kept,
      @Nullable String stopped) {
    static Result of(SweepResult result) {
      return new Result(
          result.removedObjects(),
          result.removedBytes(),
          result.abortedUploads(),
          result.retained(),
          result.kept(),
          result.stopped().orElse(null));
    }
  }

  public static SweepDetail of(Sweep sweep) {
    return new SweepDetail(Plan.of(sweep.plan()), Result.of(sweep.result()));
  }

  public static SweepDetail of(SweepPlan plan) {
    return new SweepDetail(Plan.of(plan), null);
  }
}
