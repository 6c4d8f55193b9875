package io.takhin.tiered.read;

import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.time.Duration;

/**
 * The bytes did not come in time. Asking again later is right: what was begun for the read goes on,
 * and serves the next one.
 */
public final class ReadTimeoutException extends IOException {
  ReadTimeoutException(SegmentId segment, String what, Duration timeout) {
    super(
        "cold read not done in time, try again: segment="
            + segment
            + " "
            + what
            + " timeout_millis="
            + timeout.toMillis());
  }
}
