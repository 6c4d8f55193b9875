package io.takhin.config;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * When segments leave the local disk.
 *
 * @param automatic whether the policy runs on a schedule; otherwise only commands archive
 * @param interval time between two runs of the policy, above zero
 * @param warmAge age at which a segment becomes warm; at most {@code coldAge}
 * @param coldAge age at which a segment becomes cold and is archived
 * @param localMinResidency how long local files stay at least after the proof of their copy
 * @param parallelism segments archived at once
 * @param attempts failures of its own with which a segment is quarantined
 */
public record ArchiveConfig(
    boolean automatic,
    Duration interval,
    Duration warmAge,
    Duration coldAge,
    Duration localMinResidency,
    int parallelism,
    int attempts) {

  public ArchiveConfig {
    requireNonNull(interval, "interval");
    requireNonNull(localMinResidency, "localMinResidency");
    if (!inOrder(warmAge, coldAge)) {
      throw new IllegalArgumentException(
          "warmAge above coldAge: warmAge=%s coldAge=%s".formatted(warmAge, coldAge));
    }
  }

  static boolean inOrder(Duration warmAge, Duration coldAge) {
    return warmAge.compareTo(coldAge) <= 0;
  }
}
