package io.takhin.tiered.store.file;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file of the store's own does not hold what the store had written. */
final class DamagedFileException extends IOException {
  DamagedFileException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
