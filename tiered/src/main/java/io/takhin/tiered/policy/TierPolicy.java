package io.takhin.tiered.policy;

import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.catalog.Tier;
import io.takhin.tiered.policy.Decision.Action;
import java.time.Duration;

/**
 * Where a segment of a given age belongs, and what to do about it.
 *
 * <p>A pure function of the metadata and a given time. Ages are half-open: a segment becomes warm
 * at exactly the warm age. A negative age, after the clock went back, counts as age 0.
 *
 * <table>
 * <caption>Decision by state and age</caption>
 * <tr><th>state</th><th>age &lt; warm</th><th>age &lt; cold</th><th>older</th></tr>
 * <tr><td>Local</td><td>HOT</td><td>WARM</td><td>COLD, archive</td></tr>
 * <tr><td>Uploading, Deleting</td><td>HOT</td><td>WARM</td><td>COLD</td></tr>
 * <tr><td>Archived</td><td colspan="3">tier by age; reclaim once the receipt is older than the
 * minimum residency</td></tr>
 * <tr><td>RemoteOnly</td><td colspan="3">COLD</td></tr>
 * <tr><td>Restored, aged from the last access</td><td>HOT</td><td>WARM</td><td>COLD, reclaim</td></tr>
 * </table>
 *
 * <p>Archived by hand, a young segment is reclaimed by the minimum residency too: whoever archived
 * it wanted it away.
 *
 * <p>An immutable value. The ages are kept in milliseconds too, because converting them took longer
 * than deciding.
 */
public final class TierPolicy {
  private final Duration warmAge;
  private final Duration coldAge;
  private final Duration minResidency;
  private final boolean autoArchive;
  private final long warmAgeMillis;
  private final long coldAgeMillis;
  private final long minResidencyMillis;

  /**
   * @param warmAge age at which a segment becomes warm
   * @param coldAge age at which a segment becomes cold; not below the warm age
   * @param minResidency how long local files stay after the receipt
   * @param autoArchive whether to act at all; tiers are told in any case
   */
  public TierPolicy(
      Duration warmAge, Duration coldAge, Duration minResidency, boolean autoArchive) {
    if (warmAge.isNegative() || coldAge.compareTo(warmAge) < 0 || minResidency.isNegative()) {
      throw new IllegalArgumentException(
          "invalid policy: expected 0 <= warmAge <= coldAge and minResidency >= 0, got warmAge="
              + warmAge
              + " coldAge="
              + coldAge
              + " minResidency="
              + minResidency);
    }
    this.warmAge = warmAge;
    this.coldAge = coldAge;
    this.minResidency = minResidency;
    this.autoArchive = autoArchive;
    this.warmAgeMillis = warmAge.toMillis();
    this.coldAgeMillis = coldAge.toMillis();
    this.minResidencyMillis = minResidency.toMillis();
  }

  public Duration warmAge() {
    return warmAge;
  }

  public Duration coldAge() {
    return coldAge;
  }

  public Duration minResidency() {
    return minResidency;
  }

  public boolean autoArchive() {
    return autoArchive;
  }

  /** What is right for the segment at the given moment, milliseconds since the epoch. */
  public Decision decide(SegmentMetadata segment, long nowMillis) {
    SegmentState state = segment.state();
    if (state instanceof SegmentState.RemoteOnly) {
      return new Decision(Tier.COLD, Action.NONE, Decision.NEVER);
    }
    long base = segment.ageBaseMillis();
    long warmAt = plus(base, warmAgeMillis);
    long coldAt = plus(base, coldAgeMillis);
    Tier tier = nowMillis >= coldAt ? Tier.COLD : nowMillis >= warmAt ? Tier.WARM : Tier.HOT;
    long nextTierAt = tier == Tier.HOT ? warmAt : tier == Tier.WARM ? coldAt : Decision.NEVER;
    if (!autoArchive) {
      return new Decision(tier, Action.NONE, nextTierAt);
    }
    if (state instanceof SegmentState.Archived archived) {
      long reclaimAt = plus(archived.proof().committedAtMillis(), minResidencyMillis);
      return nowMillis >= reclaimAt
          ? new Decision(tier, Action.RECLAIM, nextTierAt)
          : new Decision(tier, Action.NONE, Math.min(nextTierAt, reclaimAt));
    }
    Action action = Action.NONE;
    if (tier == Tier.COLD) {
      if (state instanceof SegmentState.Local) {
        action = Action.ARCHIVE;
      } else if (state instanceof SegmentState.Restored) {
        action = Action.RECLAIM;
      }
    }
    return new Decision(tier, action, nextTierAt);
  }

  /** A sum that stops at the end of time instead of wrapping to its beginning. */
  private static long plus(long millis, long durationMillis) {
    long sum = millis + durationMillis;
    return sum < millis ? Decision.NEVER : sum;
  }
}
