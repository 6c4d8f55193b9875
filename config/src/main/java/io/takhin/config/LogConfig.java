package io.takhin.config;

/**
 * The partition logs.
 *
 * @param segmentBytes size at which a segment is sealed, at most {@link Integer#MAX_VALUE}; topics
 *     may override it
 */
public record LogConfig(long segmentBytes) {}
