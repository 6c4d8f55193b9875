package io.takhin.tiered.disk;

import org.jspecify.annotations.Nullable;

/**
 * Whether something may be written now.
 *
 * @param refusal why not, for the writer, who may try again; null if it may
 * @param delayMillis how long the writer is to be kept from writing more, 0 or more
 */
public record Admission(@Nullable String refusal, long delayMillis) {
  static final Admission FREE = new Admission(null, 0);
}
