package io.takhin.kafka.form;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What was fetched is what was stored, by its checksums, and yet cannot be brought back to what was
 * copied: it was tampered with, or belongs elsewhere.
 */
public final class DamagedFormException extends IOException {
  DamagedFormException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
