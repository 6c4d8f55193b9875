package io.takhin.tiered.read;

import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * Reads one segment, wherever it is: local files as they are, files that only the bucket has by
 * fetching the asked bytes. Keeps nothing, needs no close, and follows the segment when it moves.
 *
 * <p>Any thread. No method blocks for the store; dependents of the futures may run on threads of
 * the archiver and must not block. The futures fail with
 *
 * <ul>
 *   <li>{@link ReadTimeoutException} and {@link ReadRefusedException}: ask again later
 *   <li>{@link DamagedChunkException}: these bytes cannot be had now; others can
 *   <li>{@link java.nio.file.NoSuchFileException}: the segment has no such file
 *   <li>{@link io.takhin.tiered.catalog.CatalogException.UnknownSegment}: there is no such segment,
 *       or it is being deleted
 *   <li>{@link io.takhin.tiered.store.StoreException} and other {@link IOException}s
 * </ul>
 */
public final class SegmentReader {
  private final SegmentReads reads;
  private final SegmentId id;

  SegmentReader(SegmentReads reads, SegmentId id) {
    this.reads = reads;
    this.id = id;
  }

  public SegmentId id() {
    return id;
  }

  /**
   * Reads bytes of one of the segment's files.
   *
   * @param positionBytes of the first byte, 0 to the size of the file
   * @param minBytes how many to wait for, 0 or more; fewer come only at the end of the file
   * @param maxBytes how many at most, {@code minBytes} or more, and 1 or more
   * @return to be closed by the caller
   * @throws IllegalArgumentException if the numbers do not fit each other
   */
  public CompletableFuture<CachedRange> read(
      FileKind kind, long positionBytes, int minBytes, int maxBytes) {
    if (positionBytes < 0 || minBytes < 0 || maxBytes < Math.max(1, minBytes)) {
      throw new IllegalArgumentException(
          "invalid read: expected 0 <= position, 0 <= min <= max, 1 <= max, got position="
              + positionBytes
              + " min="
              + minBytes
              + " max="
              + maxBytes);
    }
    return reads.read(id, kind, positionBytes, minBytes, maxBytes);
  }

  /**
   * The offset index and the time index, to be closed by the caller. At most one request for a
   * segment that was archived with a read index, two for an older one, none when they are cached.
   */
  public CompletableFuture<SegmentIndexes> indexes() {
    return reads.indexes(id);
  }
}
