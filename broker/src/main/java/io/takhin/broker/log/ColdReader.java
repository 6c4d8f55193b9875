package io.takhin.broker.log;

import io.takhin.broker.tiering.ColdSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.FileRecords.LogOffsetPosition;
import org.apache.kafka.common.record.internal.FileRecords.TimestampAndOffset;
import org.apache.kafka.storage.internals.log.OffsetIndex;
import org.apache.kafka.storage.internals.log.TimeIndex;

/**
 * Reads restored segments where they lie, through read-only handles of their own. They are never
 * put back into the log: {@code UnifiedLog} reads straight across a hole in its list of segments,
 * and would skip the records between a restored segment and the local ones in silence.
 */
public final class ColdReader {
  private ColdReader() {}

  /**
   * The records from the batch that contains the offset on, at most {@code maxBytes} but at least
   * that one batch, and not beyond the segment. Takes over the lease: it ends with the returned
   * read, or here when this throws.
   *
   * @throws IOException when the segment cannot be read, or does not hold the offset it should
   */
  public static LocalRead read(ColdSegment segment, long offset, int maxBytes) throws IOException {
    FileRecords file = null;
    try {
      file = FileRecords.open(segment.log().toFile(), false);
      LogOffsetPosition found =
          file.searchForOffsetFromPosition(offset, startPosition(segment, offset));
      if (found == null) {
        throw new IOException(
            "archived segment "
                + segment.log()
                + " has no records from offset "
                + offset
                + " on; expected offsets up to "
                + segment.endOffset());
      }
      int size = Math.min(file.sizeInBytes() - found.position, Math.max(maxBytes, found.size));
      FileRecords opened = file;
      return new LocalRead(
          file.slice(found.position, size),
          () -> {
            try (segment) {
              opened.closeHandlers();
            } catch (IOException e) {
              throw new java.io.UncheckedIOException("closing " + segment.log(), e);
            }
          });
    } catch (IOException | RuntimeException e) {
      try (segment) {
        if (file != null) {
          file.closeHandlers();
        }
      } catch (IOException | RuntimeException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  /**
   * The first record at or after both the time and the offset. Ends the lease.
   *
   * @throws IOException when the segment cannot be read
   */
  public static Optional<TimestampAndOffset> findByTime(
      ColdSegment segment, long timestampMillis, long fromOffset) throws IOException {
    try (segment;
        FileRecords file = FileRecords.open(segment.log().toFile(), false)) {
      long indexed = fromOffset;
      if (Files.exists(segment.timeIndex())) {
        TimeIndex index =
            new TimeIndex(
                segment.timeIndex().toFile(), segment.baseOffset(), Integer.MAX_VALUE, false);
        try {
          indexed = Math.max(indexed, index.lookup(timestampMillis).offset());
        } finally {
          index.closeHandler();
        }
      }
      return Optional.ofNullable(
          file.searchForTimestamp(timestampMillis, startPosition(segment, indexed), fromOffset));
    }
  }

  private static int startPosition(ColdSegment segment, long offset) throws IOException {
    if (!Files.exists(segment.index())) {
      return 0;
    }
    OffsetIndex index =
        new OffsetIndex(segment.index().toFile(), segment.baseOffset(), Integer.MAX_VALUE, false);
    try {
      return index.lookup(offset).position();
    } finally {
      // Unmaps only; close() would first trim the file, which is not ours to write.
      index.closeHandler();
    }
  }
}
