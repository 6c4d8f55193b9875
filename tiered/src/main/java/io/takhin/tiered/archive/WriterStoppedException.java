package io.takhin.tiered.archive;

import java.io.IOException;

/**
 * Somebody else writes to this prefix now, so this process does not: it archives nothing, frees no
 * files that it has not archived and restored before, and removes no objects. Local files are kept,
 * and reading goes on.
 */
public final class WriterStoppedException extends IOException {
  WriterStoppedException(String message) {
    super(message);
  }
}
