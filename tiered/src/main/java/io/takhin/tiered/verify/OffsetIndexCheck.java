package io.takhin.tiered.verify;

/**
 * An offset index leads to the right batch if each entry names a position at which a batch begins,
 * and an offset above all that lies before this position; then a search that begins there misses
 * nothing. Brokers enter the last offset of what was appended in one piece at that position, so an
 * entry's offset is not below the first of its batch.
 */
final class OffsetIndexCheck extends IndexCheck {
  static final int ENTRY_BYTES = 8;

  private long lastOffset = -1;
  private long lastEntryOffset = -1;
  private long lastEntryPosition = -1;

  OffsetIndexCheck(byte[] index, long baseOffset) {
    super(index, baseOffset, ENTRY_BYTES);
  }

  @Override
  void accept(Batch batch) {
    while (hasEntry() && position() < batch.endBytes()) {
      long offset = offset();
      if (position() <= lastEntryPosition || offset <= lastEntryOffset) {
        wrongEntry("not above the one before: offset=" + offset + " position=" + position());
      } else if (position() != batch.positionBytes()) {
        wrongEntry(
            "position: expected the begin of a batch such as "
                + batch.positionBytes()
                + ", got "
                + position());
      } else if (offset <= lastOffset || (!batch.isOld() && offset < batch.baseOffset())) {
        wrongEntry(
            "offset: expected at least "
                + Math.max(lastOffset + 1, batch.baseOffset())
                + ", got "
                + offset);
      }
      lastEntryPosition = position();
      lastEntryOffset = offset;
      next();
    }
    lastOffset = batch.lastOffset();
  }

  @Override
  void end() {
    if (hasEntry()) {
      wrongEntry("position is beyond the last batch: got " + position());
    } else if (lastEntryOffset > lastOffset) {
      wrong(
          "offset of the last entry: expected at most " + lastOffset + ", got " + lastEntryOffset);
    }
  }

  private long offset() {
    return baseOffset + Integer.toUnsignedLong(index.getInt(index.position()));
  }

  private long position() {
    return Integer.toUnsignedLong(index.getInt(index.position() + Integer.BYTES));
  }
}
