package io.takhin.tiered.transfer;

/**
 * The bounds of one {@link TransferEngine}.
 *
 * @param partSizeBytes bytes of one part or range, up to 1 GiB; raised by itself for a file that
 *     would have too many, and to what stores take at least
 * @param parallelism parts under way at the same time, over all uploads, and over all downloads; 1
 *     to 256. Memory for uploads is at most the product of both
 */
public record TransferOptions(long partSizeBytes, int parallelism) {
  public static final long MAX_PART_SIZE_BYTES = 1L << 30; // one ByteBuffer holds a part
  public static final TransferOptions DEFAULT = new TransferOptions(16L << 20, 16);
  private static final int MAX_PARALLELISM = 256;

  public TransferOptions {
    if (partSizeBytes < 1 || partSizeBytes > MAX_PART_SIZE_BYTES) {
      throw new IllegalArgumentException(
          "invalid partSizeBytes: expected 1 to " + MAX_PART_SIZE_BYTES + ", got " + partSizeBytes);
    }
    if (parallelism < 1 || parallelism > MAX_PARALLELISM) {
      throw new IllegalArgumentException(
          "invalid transfer parallelism: expected 1 to "
              + MAX_PARALLELISM
              + ", got "
              + parallelism);
    }
  }
}
