package io.takhin.tiered.transfer;

import io.takhin.tiered.store.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.zip.CRC32C;

/**
 * Writes the bytes of one range at their place in a file and computes their checksum on the way.
 * Used by one thread; the file is shared with the other ranges and stays open when this is closed.
 */
final class RangeTarget implements WritableByteChannel {
  private final FileChannel file;
  private final long startBytes;
  private final long lengthBytes;
  private final Transfer transfer;
  private final CRC32C crc = new CRC32C();
  private long writtenBytes;

  /**
   * @param transfer told of what arrives
   */
  RangeTarget(FileChannel file, long startBytes, long lengthBytes, Transfer transfer) {
    this.file = file;
    this.startBytes = startBytes;
    this.lengthBytes = lengthBytes;
    this.transfer = transfer;
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    if (bytes.remaining() > remainingBytes()) {
      // Written, they would land in the next range and be found as its corruption.
      throw new IOException(
          "more bytes than asked for: expected="
              + remainingBytes()
              + " got="
              + bytes.remaining()
              + " position="
              + positionBytes());
    }
    crc.update(bytes.duplicate());
    int length = bytes.remaining();
    while (bytes.hasRemaining()) {
      writtenBytes += file.write(bytes, positionBytes());
    }
    transfer.moved(length);
    return length;
  }

  long startBytes() {
    return startBytes;
  }

  /** Where the next byte goes. */
  private long positionBytes() {
    return startBytes + writtenBytes;
  }

  long remainingBytes() {
    return lengthBytes - writtenBytes;
  }

  long lengthBytes() {
    return lengthBytes;
  }

  /** Over what was written so far. */
  Crc32c checksum() {
    return new Crc32c((int) crc.getValue());
  }

  @Override
  public boolean isOpen() {
    return file.isOpen();
  }

  @Override
  public void close() {}
}
