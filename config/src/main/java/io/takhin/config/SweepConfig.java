package io.takhin.config;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * When what nothing names is removed from the bucket.
 *
 * @param interval time between two sweeps; zero for none but those that are asked for
 * @param grace how old something has to be, by the store's clock
 */
public record SweepConfig(Duration interval, Duration grace) {

  public SweepConfig {
    requireNonNull(interval, "interval");
    requireNonNull(grace, "grace");
  }
}
