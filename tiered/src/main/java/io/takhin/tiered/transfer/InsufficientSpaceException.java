package io.takhin.tiered.transfer;

import java.io.IOException;
import java.nio.file.Path;

/** The disk has no room for what is about to be downloaded; nothing was written. */
public final class InsufficientSpaceException extends IOException {
  InsufficientSpaceException(Path directory, long requiredBytes, long availableBytes) {
    super(
        "not enough disk space to restore: directory="
            + directory
            + " required_bytes="
            + requiredBytes
            + " available_bytes="
            + availableBytes);
  }
}
