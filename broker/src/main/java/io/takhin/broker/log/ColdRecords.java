package io.takhin.broker.log;

import io.takhin.broker.tiering.ColdBytes;
import io.takhin.broker.tiering.ColdBytes.FileSlice;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.record.internal.DefaultRecordsSend;
import org.apache.kafka.common.record.internal.RecordsSend;
import org.apache.kafka.common.record.internal.TransferableRecords;

/**
 * Batches of an archived segment on their way to a socket: straight from the files they lie in,
 * where those do not change, and else by a copy. By sendfile the socket's queue would hold the
 * pages of the file; the chunk cache fills a place anew as soon as its reader has closed, and a
 * client that had not received the old bytes yet would receive the new ones.
 *
 * <p>Used by the connection's thread.
 */
final class ColdRecords implements TransferableRecords {
  /** One for each connection's thread. */
  private static final ThreadLocal<ByteBuffer> COPY =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(128 << 10));

  private final ColdBytes bytes;
  private final int start;
  private final int size;

  /**
   * @param start where the first batch begins
   * @param size how many bytes from there on
   */
  ColdRecords(ColdBytes bytes, int start, int size) {
    this.bytes = bytes;
    this.start = start;
    this.size = size;
  }

  @Override
  public int sizeInBytes() {
    return size;
  }

  @Override
  public RecordsSend<ColdRecords> toSend() {
    return new DefaultRecordsSend<>(this);
  }

  @Override
  public int writeTo(TransferableChannel channel, int position, int length) throws IOException {
    FileSlice slice = bytes.sliceAt(start + position);
    int count = Math.min(length, slice.lengthBytes());
    return slice.isReused()
        ? copy(slice, count, channel)
        : (int) channel.transferFrom(slice.file(), slice.positionBytes(), count);
  }

  private static int copy(FileSlice slice, int maxBytes, TransferableChannel channel)
      throws IOException {
    ByteBuffer copy = COPY.get().clear();
    copy.limit(Math.min(maxBytes, copy.capacity()));
    if (slice.file().read(copy, slice.positionBytes()) < 0) {
      throw new EOFException(
          "cached records end early: position=" + slice.positionBytes() + " bytes=" + maxBytes);
    }
    return channel.write(copy.flip());
  }
}
