package io.takhin.tiered.verify;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * Makes both indexes from the batches of a log, in the way in which a broker makes them anew after
 * it was stopped uncleanly: an entry for each batch that begins more than 4 KiB, the broker's
 * default, behind the last one that has one. Where batches were appended one by one with that
 * default, these are the bytes that the broker wrote; elsewhere they are others that serve as well.
 */
final class IndexBuilder {
  private static final int INTERVAL_BYTES = 4096;

  private final long baseOffset;
  private final ByteArrayOutputStream offsets = new ByteArrayOutputStream();
  private final ByteArrayOutputStream times = new ByteArrayOutputStream();
  private long lastEntryPosition;
  private long maxTimestampMillis = -1;
  private long offsetOfMaxTimestamp;
  private long lastTimeEntry = -1;

  IndexBuilder(long baseOffset) {
    this.baseOffset = baseOffset;
    this.offsetOfMaxTimestamp = baseOffset;
  }

  void accept(Batch batch) {
    if (batch.maxTimestampMillis() > maxTimestampMillis) {
      maxTimestampMillis = batch.maxTimestampMillis();
      offsetOfMaxTimestamp = batch.lastOffset();
    }
    if (batch.positionBytes() - lastEntryPosition > INTERVAL_BYTES) {
      offsets.writeBytes(
          ByteBuffer.allocate(OffsetIndexCheck.ENTRY_BYTES)
              .putInt((int) (batch.lastOffset() - baseOffset))
              .putInt((int) batch.positionBytes())
              .array());
      addTime();
      lastEntryPosition = batch.positionBytes();
    }
  }

  private void addTime() {
    if (maxTimestampMillis > lastTimeEntry) {
      times.writeBytes(
          ByteBuffer.allocate(TimeIndexCheck.ENTRY_BYTES)
              .putLong(maxTimestampMillis)
              .putInt((int) (offsetOfMaxTimestamp - baseOffset))
              .array());
      lastTimeEntry = maxTimestampMillis;
    }
  }

  /** The log has ended; a sealed segment's time index tells its largest timestamp. */
  void end() {
    addTime();
  }

  byte[] offsetIndex() {
    return offsets.toByteArray();
  }

  byte[] timeIndex() {
    return times.toByteArray();
  }
}
