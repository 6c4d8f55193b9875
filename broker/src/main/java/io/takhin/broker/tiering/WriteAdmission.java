package io.takhin.broker.tiering;

import org.jspecify.annotations.Nullable;

/**
 * Whether records may be appended.
 *
 * @param refusal why not, for the producer, who may try again; null if they may
 * @param delayMillis how long the producer is to be kept from sending more, 0 or more
 */
public record WriteAdmission(@Nullable String refusal, long delayMillis) {
  public static final WriteAdmission FREE = new WriteAdmission(null, 0);
}
