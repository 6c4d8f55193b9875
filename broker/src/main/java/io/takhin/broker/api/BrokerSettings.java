package io.takhin.broker.api;

import java.time.Duration;

/**
 * What the protocol needs to know of the operator's choices.
 *
 * @param coldReadTimeout how long a read waits for an archived segment
 */
public record BrokerSettings(
    boolean autoCreateTopics,
    int defaultPartitions,
    int defaultSegmentBytes,
    int maxRequestBytes,
    Duration coldReadTimeout) {}
