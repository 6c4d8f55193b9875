package io.takhin.tiered.read;

import io.takhin.tiered.catalog.SegmentLeases.Lease;
import io.takhin.tiered.read.CachedRange.Region;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Bytes of a segment's local files, in the same form as those of the cache. */
final class LocalRanges {
  private LocalRanges() {}

  /**
   * Opens a range of a local file.
   *
   * @param lease closed with the range, or here when this throws
   */
  static CachedRange open(
      SegmentFiles files, FileKind kind, long positionBytes, int maxBytes, AutoLease lease)
      throws IOException {
    FileChannel channel = null;
    try {
      Path file = files.path(kind).orElseThrow(() -> SegmentStreams.noSuchFile(files.id(), kind));
      channel = FileChannel.open(file, StandardOpenOption.READ);
      long rest = channel.size() - positionBytes;
      if (rest < 0) {
        throw new IOException(
            "read beyond the end: file="
                + file
                + " position="
                + positionBytes
                + " size="
                + channel.size());
      }
      FileChannel opened = channel;
      Region region = new Region(opened, positionBytes, (int) Math.min(maxBytes, rest), false);
      return new CachedRange(
          kind, positionBytes, rest == 0 ? List.of() : List.of(region), () -> close(opened, lease));
    } catch (IOException | RuntimeException e) {
      try (lease) {
        if (channel != null) {
          channel.close();
        }
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** What keeps the files where they are; a {@link Lease} or a {@link LeasedSegment}. */
  @FunctionalInterface
  interface AutoLease extends AutoCloseable {
    @Override
    void close();
  }

  private static void close(FileChannel channel, AutoLease lease) {
    try (lease) {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("closing a local segment file", e);
    }
  }
}
