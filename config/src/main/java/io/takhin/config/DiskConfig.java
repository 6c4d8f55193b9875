package io.takhin.config;

import static java.util.Objects.requireNonNull;

/**
 * What is done as the disk fills.
 *
 * @param policy what gives way
 * @param lowPercent use from which on segments are archived ahead of their age
 * @param highPercent use from which on producers may be slowed; above {@code lowPercent}
 * @param fullPercent use from which on nothing is accepted; above {@code highPercent}
 */
public record DiskConfig(OutagePolicy policy, int lowPercent, int highPercent, int fullPercent) {

  public DiskConfig {
    requireNonNull(policy, "policy");
    if (lowPercent >= highPercent || highPercent >= fullPercent) {
      throw new IllegalArgumentException(
          "disk marks not ascending: lowPercent=%s highPercent=%s fullPercent=%s"
              .formatted(lowPercent, highPercent, fullPercent));
    }
  }
}
