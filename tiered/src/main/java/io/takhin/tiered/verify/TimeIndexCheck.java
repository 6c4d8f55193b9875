package io.takhin.tiered.verify;

/**
 * A time index is right if each entry's timestamp is the largest up to and with the batch that
 * holds its offset. Where the log holds batches of an old format, whose timestamps are not known
 * here, or was compacted, so that the record which had the timestamp may be gone, only the order of
 * the entries is checked.
 */
final class TimeIndexCheck extends IndexCheck {
  static final int ENTRY_BYTES = 12;

  private long lastOffset = -1;
  private long maxTimestampMillis = -1;
  private long lastEntryTimestamp = Long.MIN_VALUE;
  private long lastEntryOffset = -1;
  private boolean isOrderOnly;

  TimeIndexCheck(byte[] index, long baseOffset) {
    super(index, baseOffset, ENTRY_BYTES);
  }

  @Override
  void accept(Batch batch) {
    isOrderOnly |= batch.isOld() || batch.isEmpty();
    long before = maxTimestampMillis;
    maxTimestampMillis = Math.max(before, batch.maxTimestampMillis());
    while (hasEntry() && offset() <= batch.lastOffset()) {
      long timestamp = timestamp();
      boolean agrees =
          timestamp == maxTimestampMillis || (timestamp == before && offset() < batch.baseOffset());
      requireOrder(timestamp);
      if (!isOrderOnly && !agrees) {
        wrongEntry(
            "timestamp: expected the largest so far, " + maxTimestampMillis + ", got " + timestamp);
      }
      lastEntryTimestamp = timestamp;
      lastEntryOffset = offset();
      next();
    }
    lastOffset = batch.lastOffset();
  }

  private void requireOrder(long timestamp) {
    if (timestamp <= lastEntryTimestamp || offset() < lastEntryOffset) {
      wrongEntry("not above the one before: timestamp=" + timestamp + " offset=" + offset());
    }
  }

  @Override
  void end() {
    if (hasEntry()) {
      wrongEntry("offset is beyond the last, " + lastOffset + ": got " + offset());
    }
  }

  private long timestamp() {
    return index.getLong(index.position());
  }

  private long offset() {
    return baseOffset + Integer.toUnsignedLong(index.getInt(index.position() + Long.BYTES));
  }
}
