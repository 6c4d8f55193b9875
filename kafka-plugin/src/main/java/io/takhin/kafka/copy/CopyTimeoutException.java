package io.takhin.kafka.copy;

import java.io.IOException;
import java.time.Duration;

/** A copy took longer than it may, and was given up; the next one may fare better. */
public final class CopyTimeoutException extends IOException {
  CopyTimeoutException(String segment, Duration limit, Throwable cause) {
    super("copy given up after its time: segment=" + segment + " limit=" + limit, cause);
  }
}
