package io.takhin.tiered.store;

import java.io.IOException;

/** The channel that bytes were being written to failed, not the store: a full disk, most often. */
public final class TargetException extends IOException {
  public TargetException(String message, IOException cause) {
    super(message, cause);
  }
}
