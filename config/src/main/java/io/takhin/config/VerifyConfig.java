package io.takhin.config;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How what is archived is verified in the background.
 *
 * @param interval from the begin of a round to that of the next; zero for none at all
 * @param requestsPerDay sent to the store at most; 0 for no limit
 * @param bytesPerDay read at most, from the store and from local disks; 0 for no limit
 * @param level how deep it looks, 0 to 2
 */
public record VerifyConfig(Duration interval, int requestsPerDay, long bytesPerDay, int level) {

  public VerifyConfig {
    requireNonNull(interval, "interval");
  }
}
