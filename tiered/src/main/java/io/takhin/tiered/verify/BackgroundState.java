package io.takhin.tiered.verify;

import org.jspecify.annotations.Nullable;

/**
 * How the background verification stands. Times are milliseconds since the epoch, 0 for never.
 *
 * @param options how it works
 * @param roundBeganMillis of the round under way
 * @param at the partition it is in; empty between rounds
 * @param lastBeganMillis of the last whole round
 * @param lastEndedMillis of the last whole round
 * @param lastFindings how much the last whole round found
 * @param oldestUnverifiedAgeSeconds how long the segment that waits longest has not been looked at,
 *     at most; 0 if it is off
 * @param waitingFor why it stands still; null if it does not
 * @param report of what it did since the start of the process, in the round under way or the last
 */
public record BackgroundState(
    VerifyOptions options,
    long roundBeganMillis,
    String at,
    long lastBeganMillis,
    long lastEndedMillis,
    long lastFindings,
    double oldestUnverifiedAgeSeconds,
    @Nullable String waitingFor,
    @Nullable VerifyReport report) {}
