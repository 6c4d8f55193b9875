package io.takhin.console.operation;

import java.time.Duration;

/**
 * Bounds on what is asked for.
 *
 * @param maxRequestBytes largest body
 * @param maxWaiting requests that wait at the same time
 * @param maxRunning operations that have not ended
 * @param maxKept ended operations that can be looked up
 * @param maxWait how long one request waits
 */
public record OperationLimits(
    int maxRequestBytes, int maxWaiting, int maxRunning, int maxKept, Duration maxWait) {}
