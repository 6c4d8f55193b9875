package io.takhin.broker.tiering;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/**
 * Bytes of an archived segment's log, in local files, where they stay until {@link #close}. Any
 * thread may read; closing twice is harmless.
 */
public interface ColdBytes extends AutoCloseable {
  int lengthBytes();

  /**
   * Fills the buffer up to its limit.
   *
   * @param offset from the first byte
   * @throws IndexOutOfBoundsException when there are fewer bytes
   */
  void readFully(int offset, ByteBuffer into) throws IOException;

  /**
   * The bytes from the offset on that lie beside each other in one file.
   *
   * @param offset from the first byte, less than the length
   */
  FileSlice sliceAt(int offset);

  /**
   * Sends bytes by a copy, some 100 KiB at a time; for those that must not go from file to socket.
   *
   * @param offset from the first byte
   * @param maxBytes how many at most
   * @return how many went
   */
  long copyTo(int offset, int maxBytes, WritableByteChannel target) throws IOException;

  /**
   * Consecutive bytes of a file.
   *
   * @param file not to be closed
   * @param isReused whether other bytes may be written there after {@link #close}, so that what is
   *     queued on a socket must be a copy, see {@link #copyTo}
   */
  record FileSlice(FileChannel file, long positionBytes, int lengthBytes, boolean isReused) {}

  @Override
  void close();
}
