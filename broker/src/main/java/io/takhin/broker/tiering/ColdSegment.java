package io.takhin.broker.tiering;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * An archived segment that can be read, wherever its bytes are. No method blocks; callbacks of the
 * futures may run on the completing thread and are short. Failures are told by the futures as
 * {@link IOException}s, never thrown.
 */
public interface ColdSegment extends AutoCloseable {
  /** The first offset the segment may hold. */
  long baseOffset();

  /** The first offset after the segment. */
  long endOffset();

  /** The size of its log. */
  long sizeBytes();

  /**
   * A position in the log at which a batch begins, and from which on the batch with the offset is
   * found by going forward: from the offset index, or 0.
   */
  CompletableFuture<Long> positionOf(long offset);

  /**
   * An offset from which on the first record at or after the time is found by going forward: from
   * the time index, or the base offset.
   */
  CompletableFuture<Long> offsetOf(long timestampMillis);

  /**
   * Bytes of the log, to be closed by the caller.
   *
   * @param positionBytes 0 up to the size of the log
   * @param minBytes how many to wait for; fewer come only at the end of the log
   * @param maxBytes how many at most, {@code minBytes} or more, and 1 or more
   */
  CompletableFuture<ColdBytes> read(long positionBytes, int minBytes, int maxBytes);

  /** Says that nothing more will be asked; what was read stays. Called exactly once. */
  @Override
  void close();
}
