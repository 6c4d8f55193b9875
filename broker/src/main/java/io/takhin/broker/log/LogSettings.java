package io.takhin.broker.log;

import io.takhin.tiered.policy.RetentionPolicy;

/**
 * What holds for all logs of a broker.
 *
 * @param defaultPartitions of a topic that does not say
 * @param defaultSegmentBytes of a topic that does not say
 * @param defaultRetention of a topic that does not say
 */
public record LogSettings(
    int defaultPartitions, int defaultSegmentBytes, RetentionPolicy defaultRetention) {

  /** Records are kept for ever by topics that do not say. */
  public LogSettings(int defaultPartitions, int defaultSegmentBytes) {
    this(defaultPartitions, defaultSegmentBytes, RetentionPolicy.NONE);
  }
}
