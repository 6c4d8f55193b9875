package io.takhin.kafka.fetch;

import io.takhin.kafka.layout.RemoteIndexes;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Objects;

/**
 * A log as a stream, fetched in windows.
 *
 * <p>A broker opens a stream for each fetch of a consumer, without saying how far it will read. It
 * takes what the consumer asked for, by default 1 MiB and the batch that this ends in, and closes;
 * so the first window is a little more than that, and the following ones grow. Nothing is held when
 * the stream is not closed.
 *
 * <p>A window comes in pieces, each far smaller than a region of the heap: one array of it would be
 * humongous to G1, which begins to mark the whole heap again and again when there are many of
 * these.
 *
 * <p>Used by one thread at a time.
 */
final class LogStream extends InputStream {
  /** What one fetch with the default {@code max.partition.fetch.bytes} reads at most. */
  private static final int FIRST_WINDOW_BYTES = (1 << 20) + 2 * RemoteIndexes.CHUNK_BYTES;

  private static final int MAX_WINDOW_BYTES = 4 << 20;

  private final Windows windows;
  private final long endBytes;

  /** Where the window ends in the log. */
  private long positionBytes;

  private int nextWindowBytes = FIRST_WINDOW_BYTES;

  /** The one that is read from. */
  private byte[] piece = new byte[0];

  private int at;

  /** The rest of the window. */
  private final Deque<byte[]> pieces = new ArrayDeque<>();

  private boolean closed;

  /** Where the bytes are. */
  @FunctionalInterface
  interface Windows {
    /** Exactly that many bytes of the log, in order; waits for them. No piece is empty. */
    Collection<byte[]> read(long positionBytes, int lengthBytes) throws IOException;
  }

  /**
   * @param endBytes at most the size of the log
   */
  LogStream(Windows windows, long startBytes, long endBytes) {
    this.windows = windows;
    this.positionBytes = startBytes;
    this.endBytes = endBytes;
  }

  /** Waits for the next bytes, if the window is used up and there are any. */
  void fill() throws IOException {
    if (closed) {
      throw new IOException("the stream is closed");
    }
    if (at == piece.length && pieces.isEmpty() && positionBytes < endBytes) {
      int length = (int) Math.min(windowBytes(), endBytes - positionBytes);
      pieces.addAll(windows.read(positionBytes, length));
      positionBytes += length;
      nextWindowBytes = Math.min(MAX_WINDOW_BYTES, 2 * nextWindowBytes);
    }
    if (at == piece.length && !pieces.isEmpty()) {
      piece = pieces.remove();
      at = 0;
    }
  }

  /** Ends at a chunk's border, so that no chunk is fetched for a part of it. */
  private long windowBytes() {
    long end = positionBytes + nextWindowBytes;
    return end - end % RemoteIndexes.CHUNK_BYTES - positionBytes;
  }

  @Override
  public int read() throws IOException {
    fill();
    return at < piece.length ? Byte.toUnsignedInt(piece[at++]) : -1;
  }

  /** As many bytes as there are without waiting; waits if there are none. */
  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    int read = 0;
    while (read < length && (read == 0 || at < piece.length || !pieces.isEmpty())) {
      fill();
      int count = Math.min(length - read, piece.length - at);
      if (count == 0) {
        return -1;
      }
      System.arraycopy(piece, at, into, offset + read, count);
      at += count;
      read += count;
    }
    return read;
  }

  @Override
  public long skip(long bytes) throws IOException {
    long skipped = Math.min(Math.max(0, bytes), piece.length - at);
    at += (int) skipped;
    return skipped > 0 || bytes <= 0 ? skipped : super.skip(bytes);
  }

  @Override
  public int available() {
    return piece.length - at + pieces.stream().mapToInt(one -> one.length).sum();
  }

  @Override
  public void close() {
    closed = true;
    piece = new byte[0];
    at = 0;
    pieces.clear();
  }
}
