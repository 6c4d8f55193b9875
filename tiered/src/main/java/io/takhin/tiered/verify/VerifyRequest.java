package io.takhin.tiered.verify;

import org.jspecify.annotations.Nullable;

/**
 * What somebody wants verified.
 *
 * @param topic null for all
 * @param repair whether to repair what can be repaired, and to quarantine what cannot
 */
public record VerifyRequest(Level level, @Nullable String topic, boolean repair) {}
