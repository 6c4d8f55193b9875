package io.takhin.broker.tiering;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

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
   * Consecutive bytes of a file.
   *
   * @param file not to be closed
   * @param isReused whether other bytes may be written there after {@link #close}, so that what is
   *     queued on a socket must be a copy
   */
  record FileSlice(FileChannel file, long positionBytes, int lengthBytes, boolean isReused) {}

  @Override
  void close();
}
