package io.takhin.tiered;

import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * Writes segments of real record batches, of message format 2, with the two indexes that a broker
 * keeps beside them. The payload is pseudo-random bytes, which nobody takes apart.
 */
public final class RecordLog {
  private static final long FIRST_TIMESTAMP = 1_700_000_000_000L;
  private static final int HEADER_BYTES = 61;
  private static final int INTERVAL_BYTES = 4096;

  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final ByteArrayOutputStream index = new ByteArrayOutputStream();
  private final ByteArrayOutputStream timeIndex = new ByteArrayOutputStream();
  private final SegmentId id;
  private final int intervalBytes;
  private long nextOffset;
  private long maxTimestamp = -1;
  private long offsetOfMax;
  private long lastTimeEntry = -1;
  private int bytesSinceEntry;

  private RecordLog(SegmentId id, int intervalBytes) {
    this.id = id;
    this.intervalBytes = intervalBytes;
    this.nextOffset = id.baseOffset();
  }

  /** Batches of ten records each, up to about the given size, indexed as a broker does. */
  public static RecordLog of(SegmentId id, int logBytes) {
    return of(id, logBytes, INTERVAL_BYTES);
  }

  /** The same with another distance of index entries than the default. */
  public static RecordLog of(SegmentId id, int logBytes, int intervalBytes) {
    RecordLog made = new RecordLog(id, intervalBytes);
    Random random = new Random(id.hashCode() * 31L + logBytes);
    while (made.log.size() < logBytes) {
      byte[] records = new byte[200 + random.nextInt(600)];
      random.nextBytes(records);
      made.append(records, 10, FIRST_TIMESTAMP + made.nextOffset * 5 + random.nextInt(40));
    }
    made.addTime();
    return made;
  }

  private void append(byte[] records, int count, long timestamp) {
    int position = log.size();
    byte[] batch = batch(nextOffset, records, count, timestamp);
    long lastOffset = nextOffset + count - 1;
    if (timestamp > maxTimestamp) {
      maxTimestamp = timestamp;
      offsetOfMax = lastOffset;
    }
    if (bytesSinceEntry > intervalBytes) {
      index.writeBytes(
          ByteBuffer.allocate(8)
              .putInt((int) (lastOffset - id.baseOffset()))
              .putInt(position)
              .array());
      addTime();
      bytesSinceEntry = 0;
    }
    bytesSinceEntry += batch.length;
    log.writeBytes(batch);
    nextOffset += count;
  }

  private void addTime() {
    if (maxTimestamp > lastTimeEntry) {
      timeIndex.writeBytes(
          ByteBuffer.allocate(12)
              .putLong(maxTimestamp)
              .putInt((int) (offsetOfMax - id.baseOffset()))
              .array());
      lastTimeEntry = maxTimestamp;
    }
  }

  /** One batch of message format 2. */
  public static byte[] batch(long baseOffset, byte[] records, int count, long timestamp) {
    ByteBuffer batch = ByteBuffer.allocate(HEADER_BYTES + records.length);
    batch
        .putLong(baseOffset)
        .putInt(HEADER_BYTES - 12 + records.length)
        .putInt(0)
        .put((byte) 2)
        .putInt(0)
        .putShort((short) 0)
        .putInt(count - 1)
        .putLong(timestamp)
        .putLong(timestamp)
        .putLong(-1)
        .putShort((short) -1)
        .putInt(-1)
        .putInt(count)
        .put(records);
    CRC32C crc = new CRC32C();
    crc.update(batch.slice(21, batch.capacity() - 21));
    return batch.putInt(17, (int) crc.getValue()).array();
  }

  /** One message of format 1, which is passed over by its length. */
  public static byte[] oldMessage(long offset, int payloadBytes) {
    ByteBuffer message = ByteBuffer.allocate(12 + 22 + payloadBytes);
    message.putLong(offset).putInt(22 + payloadBytes).putInt(0).put((byte) 1).put((byte) 0);
    return message.array();
  }

  public byte[] log() {
    return log.toByteArray();
  }

  public byte[] index() {
    return index.toByteArray();
  }

  public byte[] timeIndex() {
    return timeIndex.toByteArray();
  }

  public long endOffset() {
    return nextOffset;
  }

  /** Writes the three files below the directory. */
  SegmentMetadata write(Path root, long lastModifiedMillis) throws IOException {
    Path directory = Files.createDirectories(root.resolve(id.partition().directory()));
    Files.write(directory.resolve(FileKind.INDEX.fileName(id)), index());
    Files.write(directory.resolve(FileKind.TIMEINDEX.fileName(id)), timeIndex());
    Files.write(directory.resolve(FileKind.LOG.fileName(id)), log());
    return SegmentMetadata.sealed(id, nextOffset, maxTimestamp, log.size(), lastModifiedMillis);
  }
}
