package io.takhin.broker.log;

import io.takhin.broker.tiering.ColdBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.Records;

/**
 * What a record batch of format 2 says of itself in its first bytes, big-endian:
 *
 * <pre>
 *    0  8  base offset            23  4  last offset, relative
 *    8  4  bytes that follow      27  8  first timestamp
 *   12  4  leader epoch           35  8  largest timestamp
 *   16  1  format                 43 18  producer, number of records
 *   17  6  checksum, attributes
 * </pre>
 *
 * @param sizeBytes of the batch as a whole
 * @param maxTimestampMillis largest timestamp of its records
 */
record BatchHeader(long baseOffset, long lastOffset, int sizeBytes, long maxTimestampMillis) {
  static final int BYTES = DefaultRecordBatch.RECORD_BATCH_OVERHEAD;
  private static final int SIZE_AT = 8;
  private static final int LAST_OFFSET_DELTA_AT = 23;
  private static final int MAX_TIMESTAMP_AT = 35;

  /**
   * Reads the header of the batch at the offset; there have to be {@link #BYTES} from there on.
   *
   * @throws IOException if no batch begins there
   */
  static BatchHeader read(ColdBytes bytes, int offset, ByteBuffer buffer) throws IOException {
    bytes.readFully(offset, buffer.clear().limit(BYTES));
    BatchHeader header =
        new BatchHeader(
            buffer.getLong(0),
            buffer.getLong(0) + buffer.getInt(LAST_OFFSET_DELTA_AT),
            buffer.getInt(SIZE_AT) + Records.LOG_OVERHEAD,
            buffer.getLong(MAX_TIMESTAMP_AT));
    boolean sound =
        header.sizeBytes >= BYTES
            && header.baseOffset >= 0
            && header.lastOffset >= header.baseOffset
            && buffer.get(Records.MAGIC_OFFSET) >= 2;
    if (!sound) {
      throw new IOException("no batch begins here: " + header);
    }
    return header;
  }
}
