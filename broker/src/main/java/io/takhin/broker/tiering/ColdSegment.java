package io.takhin.broker.tiering;

import java.nio.file.Path;

/**
 * A lease on an archived segment whose files are readable on the local disk, outside the
 * partition's own directory (the log would load whatever lies there). The files stay as they are
 * until {@link #close}; the broker maps and reads them, and writes nothing.
 */
public interface ColdSegment extends AutoCloseable {
  /** The first offset the segment may hold. */
  long baseOffset();

  /** The first offset after the segment. */
  long endOffset();

  Path log();

  /** The offset index; when the file does not exist, the log is scanned from its start. */
  Path index();

  /** The time index; when the file does not exist, the log is scanned from its start. */
  Path timeIndex();

  /** Ends the lease. Called exactly once, on any thread. */
  @Override
  void close();
}
