package io.takhin.tiered.segment;

import java.util.Objects;

/**
 * Names one sealed segment: its partition and the offset of its first record.
 *
 * <p>Its text is the path of the log file below the data directory, {@code
 * <topic>-<partition>/<20-digit base offset>.log}. Paths and object keys are built from this type
 * only, never from text that came from outside.
 *
 * @param baseOffset offset of the first record, 0 or more
 */
public record SegmentId(PartitionId partition, long baseOffset) implements Comparable<SegmentId> {
  private static final int OFFSET_DIGITS = 20;
  private static final String LOG = ".log";

  public SegmentId {
    Objects.requireNonNull(partition, "partition");
    if (baseOffset < 0) {
      throw new InvalidSegmentPathException(
          "invalid base offset: expected 0 or more, got " + baseOffset);
    }
  }

  public static SegmentId of(String topic, int partition, long baseOffset) {
    return new SegmentId(new PartitionId(topic, partition), baseOffset);
  }

  /**
   * Reads {@code <topic>-<partition>/<20 digits>.log}.
   *
   * @throws InvalidSegmentPathException if the text has another form
   */
  public static SegmentId parse(String path) {
    int slash = path.indexOf('/');
    String name = path.substring(slash + 1);
    boolean wellFormed =
        slash > 0
            && name.length() == OFFSET_DIGITS + LOG.length()
            && name.endsWith(LOG)
            && name.chars().limit(OFFSET_DIGITS).allMatch(c -> c >= '0' && c <= '9')
            && name.charAt(0) == '0'; // Long.MAX_VALUE has 19 digits.
    if (!wellFormed) {
      throw new InvalidSegmentPathException(
          "invalid segment_path: expected <topic>-<partition>/<20 digits>.log, got "
              + InvalidSegmentPathException.quote(path));
    }
    try {
      long baseOffset = Long.parseLong(name.substring(0, OFFSET_DIGITS));
      return new SegmentId(PartitionId.parse(path.substring(0, slash)), baseOffset);
    } catch (NumberFormatException e) {
      throw new InvalidSegmentPathException(
          "invalid segment_path: base offset exceeds "
              + Long.MAX_VALUE
              + " in "
              + InvalidSegmentPathException.quote(path),
          e);
    }
  }

  /** The 20-digit base offset that begins the name of each of the segment's files. */
  public String fileStem() {
    String digits = Long.toString(baseOffset);
    return "0".repeat(OFFSET_DIGITS - digits.length()) + digits;
  }

  /** The log file's path below the data directory, with {@code /} between its two elements. */
  public String path() {
    return partition.directory() + "/" + fileStem() + LOG;
  }

  @Override
  public int compareTo(SegmentId other) {
    int byPartition = partition.compareTo(other.partition);
    return byPartition != 0 ? byPartition : Long.compare(baseOffset, other.baseOffset);
  }

  @Override
  public String toString() {
    return path();
  }
}
