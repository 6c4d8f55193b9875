package io.takhin.console.segment;

import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.catalog.Tier;
import io.takhin.tiered.policy.Decision;
import io.takhin.tiered.policy.Decision.Action;
import io.takhin.tiered.policy.TierPolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a segment is where it is, and what happens to it next if nobody touches it. It asks the
 * policy itself, for now and for each moment at which its answer can change, so it cannot say
 * something else than what the policy then does.
 *
 * @param why one sentence about the present
 * @param next the steps to come, in order, one sentence each; the policy acts on them in its first
 *     run after the time they name
 * @param nextAt when the first step is due; null when there is none, or when it is due already
 */
public record Explanation(String why, String next, @Nullable Instant nextAt) {
  /** Warm, cold and the minimum residency: no segment waits for more moments than that. */
  private static final int MAX_STEPS = 3;

  static Explanation of(SegmentMetadata segment, TierPolicy policy, long nowMillis) {
    Decision decision = policy.decide(segment, nowMillis);
    String why = why(segment, decision.tier());
    if (decision.action() != Action.NONE) {
      return new Explanation(why, "Due now: the next policy run " + verb(decision) + ".", null);
    }
    if (decision.nextDueMillis() == Decision.NEVER) {
      return new Explanation(why, standstill(segment.state(), policy), null);
    }
    Instant nextAt = Instant.ofEpochMilli(decision.nextDueMillis());
    List<String> steps = new ArrayList<>();
    for (int step = 0; step < MAX_STEPS && isWaiting(decision); step++) {
      Instant at = Instant.ofEpochMilli(decision.nextDueMillis());
      Decision then = policy.decide(segment, decision.nextDueMillis());
      if (then.action() != Action.NONE) {
        steps.add("From " + at + " a policy run " + verb(then) + ".");
      } else if (then.tier() != decision.tier()) {
        steps.add("Becomes " + then.tier().label() + " at " + at + ".");
      }
      decision = then;
    }
    return new Explanation(why, String.join(" ", steps), nextAt);
  }

  private static boolean isWaiting(Decision decision) {
    return decision.action() == Action.NONE && decision.nextDueMillis() != Decision.NEVER;
  }

  private static String verb(Decision decision) {
    return decision.action() == Action.ARCHIVE
        ? "archives it and frees its local files"
        : "frees its local files";
  }

  private static String why(SegmentMetadata segment, Tier tier) {
    SegmentState state = segment.state();
    Instant base = Instant.ofEpochMilli(segment.ageBaseMillis());
    if (state instanceof SegmentState.Local) {
      return "Only on this machine, and " + tier.label() + ": last written at " + base + ".";
    } else if (state instanceof SegmentState.Uploading uploading) {
      return "Being uploaded since "
          + Instant.ofEpochMilli(uploading.intent().startedAtMillis())
          + ": local files stay until the copy is proved.";
    } else if (state instanceof SegmentState.Archived archived) {
      return "On this machine and, proved since "
          + Instant.ofEpochMilli(archived.proof().committedAtMillis())
          + ", in the bucket.";
    } else if (state instanceof SegmentState.RemoteOnly remote) {
      return "Only in the bucket, proved there since "
          + Instant.ofEpochMilli(remote.proof().committedAtMillis())
          + ".";
    } else if (state instanceof SegmentState.Restored) {
      return "Brought back from the bucket, and " + tier.label() + ": last read at " + base + ".";
    }
    return "Being deleted: its objects are being removed from the bucket.";
  }

  private static String standstill(SegmentState state, TierPolicy policy) {
    if (state instanceof SegmentState.RemoteOnly) {
      return "Stays there: reads fetch what they ask for, and a restore brings it back.";
    } else if (state instanceof SegmentState.Deleting) {
      return "Is forgotten once the last object is gone.";
    } else if (state instanceof SegmentState.Uploading) {
      return "Is archived once the upload has been verified.";
    } else if (!policy.autoArchive()) {
      return "Nothing by itself: automatic archiving is off.";
    }
    return "Nothing by itself.";
  }
}
