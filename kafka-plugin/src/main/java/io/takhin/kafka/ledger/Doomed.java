package io.takhin.kafka.ledger;

import io.takhin.kafka.layout.ObjectStem;

/**
 * Objects to be removed.
 *
 * @param mayHaveParts whether uploads that were broken off may have left parts
 */
public record Doomed(ObjectStem stem, boolean mayHaveParts) {}
