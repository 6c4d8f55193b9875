package io.takhin.benchmarks.transfer;

/**
 * What a sink was asked and sent since it was told to begin to count.
 *
 * @param requests of any kind
 * @param bytes of objects and their parts
 * @param busyMillis from the first request that wrote something to the end of the last; 0 if there
 *     was none
 */
public record SinkTaken(long requests, long bytes, long busyMillis) {}
