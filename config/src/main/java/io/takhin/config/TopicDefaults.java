package io.takhin.config;

/**
 * What holds for a topic whose creator did not say otherwise.
 *
 * @param autoCreate whether a topic comes into being when a client first asks for it
 * @param numPartitions its partitions, at least 1
 */
public record TopicDefaults(boolean autoCreate, int numPartitions) {}
