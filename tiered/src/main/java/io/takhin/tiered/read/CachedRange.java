package io.takhin.tiered.read;

import io.takhin.tiered.segment.FileKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Bytes of one of a segment's files, on the local disk, where they stay until this is closed. They
 * lie in one or more regions of local files.
 *
 * <p>Any thread may read and close; a second close does nothing. One that is never closed keeps its
 * bytes from being freed. A thread that is interrupted while it reads closes the file for others
 * who read it at that moment, as {@link FileChannel} does; they are told by an exception and may
 * ask for the range again.
 */
public final class CachedRange implements AutoCloseable {
  /** One for each thread that sends cached bytes. */
  private static final ThreadLocal<ByteBuffer> COPY =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(128 << 10));

  private final FileKind kind;
  private final long positionBytes;
  private final int lengthBytes;
  private final List<Region> regions;
  private final Runnable release;
  private final AtomicBoolean open = new AtomicBoolean(true);

  /**
   * Consecutive bytes of a local file.
   *
   * @param channel not to be closed
   * @param isReused whether the place in the file may hold other bytes once the range is closed.
   *     Then it must not be sent to a socket by the kernel: what that has queued are the file's
   *     pages themselves, and they would change on their way
   */
  public record Region(
      FileChannel channel, long positionBytes, int lengthBytes, boolean isReused) {}

  /**
   * @param regions in order, without gaps
   * @param release run once, at the first close
   */
  CachedRange(FileKind kind, long positionBytes, List<Region> regions, Runnable release) {
    this.kind = kind;
    this.positionBytes = positionBytes;
    this.lengthBytes = regions.stream().mapToInt(Region::lengthBytes).sum();
    this.regions = List.copyOf(regions);
    this.release = release;
  }

  public FileKind kind() {
    return kind;
  }

  /** Where the first byte is in the segment's file. */
  public long positionBytes() {
    return positionBytes;
  }

  /** How many bytes there are; 0 only at the end of the file. */
  public int lengthBytes() {
    return lengthBytes;
  }

  /** Where the bytes are, in order. */
  public List<Region> regions() {
    return regions;
  }

  /**
   * Fills the buffer up to its limit.
   *
   * @param offset from the start of this range
   * @throws IndexOutOfBoundsException if the range ends before the buffer is full
   */
  public void readFully(int offset, ByteBuffer into) throws IOException {
    checkBounds(offset, into.remaining());
    int skip = offset;
    int limit = into.limit();
    for (Region region : regions) {
      if (skip >= region.lengthBytes()) {
        skip -= region.lengthBytes();
      } else if (into.position() < limit) {
        int length = Math.min(limit - into.position(), region.lengthBytes() - skip);
        int end = into.position() + length;
        into.limit(end);
        long at = region.positionBytes() + skip;
        while (into.hasRemaining()) {
          int read = region.channel().read(into, at);
          if (read < 0) {
            throw shorter(region);
          }
          at += read;
        }
        into.limit(limit);
        skip = 0;
      }
    }
  }

  /**
   * Sends bytes to a channel, by the kernel where that is safe, see {@link Region#isReused}.
   *
   * @param offset from the start of this range
   * @param maxBytes how many at most
   * @return how many were sent: what the target took, and at most one region
   */
  public long transferTo(int offset, int maxBytes, WritableByteChannel target) throws IOException {
    checkBounds(offset, 0);
    int skip = offset;
    for (Region region : regions) {
      if (skip < region.lengthBytes()) {
        int length = Math.min(maxBytes, region.lengthBytes() - skip);
        return region.isReused()
            ? copyTo(offset, length, target)
            : region.channel().transferTo(region.positionBytes() + skip, length, target);
      }
      skip -= region.lengthBytes();
    }
    return 0;
  }

  /**
   * Sends bytes to a channel by a copy, at most 128 KiB at a time.
   *
   * @param offset from the start of this range
   * @param maxBytes how many at most
   * @return how many were sent: what the target took
   */
  public long copyTo(int offset, int maxBytes, WritableByteChannel target) throws IOException {
    checkBounds(offset, 0);
    ByteBuffer copy = COPY.get().clear();
    copy.limit(Math.min(copy.capacity(), Math.min(maxBytes, lengthBytes - offset)));
    readFully(offset, copy);
    return target.write(copy.flip());
  }

  private void checkBounds(int offset, int length) {
    if (offset < 0 || length > lengthBytes - offset) {
      throw new IndexOutOfBoundsException(
          "outside of the range: offset="
              + offset
              + " bytes="
              + length
              + " range_bytes="
              + lengthBytes);
    }
  }

  private IOException shorter(Region region) {
    return new IOException(
        "local file is shorter than it should be: kind="
            + kind
            + " position="
            + region.positionBytes()
            + " bytes="
            + region.lengthBytes());
  }

  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      release.run();
    }
  }
}
