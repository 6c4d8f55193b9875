package io.takhin.config;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;

/**
 * The partition logs.
 *
 * @param segmentBytes size at which a segment is sealed, at most {@link Integer#MAX_VALUE}; topics
 *     may override it
 * @param retention age at which records are deleted; empty for never; topics may override it
 * @param retentionBytes what is kept of a partition at least; -1 for all; topics may override it
 */
public record LogConfig(long segmentBytes, Optional<Duration> retention, long retentionBytes) {
  public LogConfig {
    requireNonNull(retention, "retention");
  }
}
