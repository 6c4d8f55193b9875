package io.takhin.kafka.form;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The master key of a segment is not configured here, or is another one of the same id. */
public final class KeyUnusableException extends IOException {
  KeyUnusableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
