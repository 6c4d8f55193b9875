package io.takhin.tiered.transfer;

import io.takhin.tiered.store.ObjectStore.Multipart;

/**
 * How an object of known size is cut into parts: all of equal size but the last, and no more of
 * them than S3 takes.
 *
 * @param sizeBytes of the object, 0 or more
 * @param partSizeBytes of every part but the last; a whole number of MiB if it had to be raised
 */
public record PartPlan(long sizeBytes, long partSizeBytes) {
  private static final long MIB = 1L << 20;

  /** The largest object there is: 10,000 parts of 5 GiB, more than any store takes today. */
  private static final long MAX_SIZE_BYTES = Multipart.MAX_PARTS * (5L << 30);

  public PartPlan {
    if (sizeBytes < 0 || sizeBytes > MAX_SIZE_BYTES) {
      throw new IllegalArgumentException(
          "invalid object size: expected 0 to " + MAX_SIZE_BYTES + ", got " + sizeBytes);
    }
    if (partSizeBytes < 1) {
      throw new IllegalArgumentException("invalid part size: expected 1 or more: " + partSizeBytes);
    }
  }

  /**
   * Parts of the wanted size, or of the least size with which they are no more than {@link
   * Multipart#MAX_PARTS}.
   */
  public static PartPlan forUpload(long sizeBytes, long wantedPartSizeBytes) {
    long leastBytes = ceilDiv(sizeBytes, Multipart.MAX_PARTS);
    return new PartPlan(
        sizeBytes,
        leastBytes <= wantedPartSizeBytes ? wantedPartSizeBytes : ceilDiv(leastBytes, MIB) * MIB);
  }

  /** One for an empty object, which has one part without bytes. */
  public int count() {
    return (int) Math.max(1, ceilDiv(sizeBytes, partSizeBytes));
  }

  /**
   * Where a part begins.
   *
   * @param index from 0
   */
  public long startBytes(int index) {
    return index * partSizeBytes;
  }

  /**
   * How long a part is.
   *
   * @param index from 0
   */
  public long lengthBytes(int index) {
    return Math.min(partSizeBytes, sizeBytes - startBytes(index));
  }

  private static long ceilDiv(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }
}
