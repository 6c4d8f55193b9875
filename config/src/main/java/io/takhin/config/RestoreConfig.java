package io.takhin.config;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How archived segments come back.
 *
 * @param localCacheBytes local disk that restored data may take
 * @param readTimeout how long a fetch of cold data is held open before it is told to try again
 * @param parallelism segments restored at once
 */
public record RestoreConfig(long localCacheBytes, Duration readTimeout, int parallelism) {

  public RestoreConfig {
    requireNonNull(readTimeout, "readTimeout");
  }
}
