package io.takhin.kafka.fetch;

import io.takhin.kafka.layout.RemoteIndexes;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * A log as a stream, fetched in windows.
 *
 * <p>A broker opens a stream for each fetch of a consumer, without saying how far it will read. It
 * takes what the consumer asked for, by default 1 MiB and the batch that this ends in, and closes;
 * so the first window is a little more than that, and the following ones grow. Nothing is held when
 * the stream is not closed.
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
  private byte[] window = new byte[0];
  private int at;
  private boolean closed;

  /** Where the bytes are. */
  @FunctionalInterface
  interface Windows {
    /** Exactly that many bytes of the log; waits for them. */
    byte[] read(long positionBytes, int lengthBytes) throws IOException;
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
    if (at == window.length && positionBytes < endBytes) {
      int length = (int) Math.min(windowBytes(), endBytes - positionBytes);
      window = windows.read(positionBytes, length);
      at = 0;
      positionBytes += length;
      nextWindowBytes = Math.min(MAX_WINDOW_BYTES, 2 * nextWindowBytes);
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
    return at < window.length ? Byte.toUnsignedInt(window[at++]) : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    fill();
    int count = Math.min(length, window.length - at);
    if (count == 0) {
      return -1;
    }
    System.arraycopy(window, at, into, offset, count);
    at += count;
    return count;
  }

  @Override
  public long skip(long bytes) throws IOException {
    long skipped = Math.min(Math.max(0, bytes), window.length - at);
    at += (int) skipped;
    return skipped > 0 || bytes <= 0 ? skipped : super.skip(bytes);
  }

  @Override
  public int available() {
    return window.length - at;
  }

  @Override
  public void close() {
    closed = true;
    window = new byte[0];
    at = 0;
  }
}
