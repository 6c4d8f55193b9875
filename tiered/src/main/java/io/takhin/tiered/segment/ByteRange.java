package io.takhin.tiered.segment;

/**
 * Bytes {@code [startBytes, endBytes)} of a file or object: half-open, as every range of this
 * project, and {@code long}, because segments pass 2 GiB.
 */
public record ByteRange(long startBytes, long endBytes) {
  public ByteRange {
    if (startBytes < 0 || endBytes < startBytes) {
      throw new IllegalArgumentException(
          "invalid byte range: expected 0 <= start <= end, got ["
              + startBytes
              + ", "
              + endBytes
              + ")");
    }
  }

  public static ByteRange ofLength(long startBytes, long lengthBytes) {
    return new ByteRange(startBytes, Math.addExact(startBytes, lengthBytes));
  }

  public long lengthBytes() {
    return endBytes - startBytes;
  }

  public boolean isEmpty() {
    return startBytes == endBytes;
  }

  @Override
  public String toString() {
    return "[" + startBytes + ", " + endBytes + ")";
  }
}
