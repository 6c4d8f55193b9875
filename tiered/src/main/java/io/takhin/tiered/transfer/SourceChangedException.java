package io.takhin.tiered.transfer;

import java.io.IOException;

/** A file that should never change again was changed while it was read; nothing was committed. */
public final class SourceChangedException extends IOException {
  public SourceChangedException(String message) {
    super(message);
  }
}
