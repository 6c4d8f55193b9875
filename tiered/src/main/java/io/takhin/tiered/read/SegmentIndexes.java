package io.takhin.tiered.read;

import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A segment's offset index and time index, to find out where in the log to read. Both are Kafka's
 * formats, big-endian, sorted:
 *
 * <pre>
 *   offset index   4  offset, relative to the segment's first      4  position in the log
 *   time index     8  timestamp in milliseconds                    4  offset, relative
 * </pre>
 *
 * <p>The bytes stay on the local disk until this is closed; a search reads the few entries it
 * compares. Any thread.
 */
public final class SegmentIndexes implements AutoCloseable {
  private static final int OFFSET_ENTRY_BYTES = 8;
  private static final int TIME_ENTRY_BYTES = 12;

  private final SegmentId id;
  private final Section offsets;
  private final Section times;
  private final List<CachedRange> ranges;

  /**
   * An index, where it lies.
   *
   * @param startBytes from the start of the range
   */
  record Section(CachedRange range, int startBytes, int lengthBytes) {}

  /**
   * @param ranges to be closed with this
   */
  SegmentIndexes(SegmentId id, Section offsets, Section times, List<CachedRange> ranges) {
    this.id = id;
    this.offsets = offsets;
    this.times = times;
    this.ranges = List.copyOf(ranges);
  }

  /** Two whole indexes; both ranges are closed with the result. */
  static SegmentIndexes of(SegmentId id, CachedRange offsets, CachedRange times) {
    return new SegmentIndexes(
        id,
        new Section(offsets, 0, offsets.lengthBytes()),
        new Section(times, 0, times.lengthBytes()),
        List.of(offsets, times));
  }

  public SegmentId id() {
    return id;
  }

  /**
   * A position in the log at which a batch begins, and from which on the batch with the offset is
   * found by going through the batches: the last entry at or below the offset, or 0.
   */
  public long positionOf(long offset) throws IOException {
    long relative = offset - id.baseOffset();
    ByteBuffer entry = ByteBuffer.allocate(OFFSET_ENTRY_BYTES);
    int low = 0;
    int high = offsets.lengthBytes() / OFFSET_ENTRY_BYTES;
    long position = 0;
    while (low < high) {
      int middle = (low + high) >>> 1;
      read(offsets, middle * OFFSET_ENTRY_BYTES, entry);
      if (Integer.toUnsignedLong(entry.getInt(0)) <= relative) {
        position = Integer.toUnsignedLong(entry.getInt(Integer.BYTES));
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return position;
  }

  /**
   * An offset from which on the first record at or after the time is found: the last entry before
   * the time, or the segment's first offset.
   */
  public long offsetOf(long timestampMillis) throws IOException {
    ByteBuffer entry = ByteBuffer.allocate(TIME_ENTRY_BYTES);
    int low = 0;
    int high = times.lengthBytes() / TIME_ENTRY_BYTES;
    long relative = 0;
    while (low < high) {
      int middle = (low + high) >>> 1;
      read(times, middle * TIME_ENTRY_BYTES, entry);
      if (entry.getLong(0) < timestampMillis) {
        relative = Integer.toUnsignedLong(entry.getInt(Long.BYTES));
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return id.baseOffset() + relative;
  }

  /**
   * An index as it was on disk, on the heap; empty if the segment had none.
   *
   * @param kind the offset index or the time index
   */
  public byte[] bytes(FileKind kind) throws IOException {
    Section section =
        switch (kind) {
          case INDEX -> offsets;
          case TIMEINDEX -> times;
          case TXNINDEX, SNAPSHOT, READINDEX, LOG ->
              throw new IllegalArgumentException("expected an index, got " + kind);
        };
    byte[] bytes = new byte[section.lengthBytes()];
    read(section, 0, ByteBuffer.wrap(bytes));
    return bytes;
  }

  private static void read(Section section, int at, ByteBuffer into) throws IOException {
    section.range().readFully(section.startBytes() + at, into.clear());
  }

  @Override
  public void close() {
    ranges.forEach(CachedRange::close);
  }
}
