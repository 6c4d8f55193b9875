package io.takhin.broker.log;

import io.takhin.broker.tiering.ColdBytes;
import io.takhin.broker.tiering.ColdBytes.FileSlice;
import java.io.IOException;
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
  /** So small that a slow pace is even. */
  private static final int PIECE_BYTES = 128 << 10;

  private final ColdBytes bytes;
  private final int start;
  private final int size;
  private final ColdPace pace;

  /**
   * @param start where the first batch begins
   * @param size how many bytes from there on
   * @param pace for those that go by a copy; others cost as little as those of the log
   */
  ColdRecords(ColdBytes bytes, int start, int size, ColdPace pace) {
    this.bytes = bytes;
    this.start = start;
    this.size = size;
    this.pace = pace;
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
    if (!slice.isReused()) {
      return (int) channel.transferFrom(slice.file(), slice.positionBytes(), count);
    }
    int piece = Math.min(count, PIECE_BYTES);
    pace.await(piece);
    return (int) bytes.copyTo(start + position, piece, channel);
  }
}
