package io.takhin.broker.log;

/**
 * What holds for all logs of a broker.
 *
 * @param defaultPartitions of a topic that does not say
 * @param defaultSegmentBytes of a topic that does not say
 */
public record LogSettings(int defaultPartitions, int defaultSegmentBytes) {}
