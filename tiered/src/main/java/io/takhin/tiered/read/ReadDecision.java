package io.takhin.tiered.read;

/**
 * Whether a cold segment is streamed or restored, and why.
 *
 * @param restore whether it was, or is being, restored in the background
 * @param reason for people
 * @param servedBytes what readers were given of its log since it was last local
 * @param coverage share of it that readers who do not go through in order have asked for, 0 to 1
 * @param decidedAtMillis when it was last looked at, in milliseconds since the epoch
 */
public record ReadDecision(
    boolean restore, String reason, long servedBytes, double coverage, long decidedAtMillis) {}
