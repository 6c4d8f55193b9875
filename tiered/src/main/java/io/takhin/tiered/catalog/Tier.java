package io.takhin.tiered.catalog;

import java.util.Locale;

/** Where the policy says a segment belongs; {@link SegmentState} says where it is. */
public enum Tier {
  /** Local, younger than the warm age. */
  HOT,
  /** Local, between the warm and the cold age. */
  WARM,
  /** In the bucket only, or about to be. */
  COLD;

  /** The name in REST answers and metric tags: {@code hot}, {@code warm}, {@code cold}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
