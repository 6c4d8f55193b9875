package io.takhin.tiered.transfer;

/**
 * The bounds of one {@link TransferPool}. Memory for uploads is at most their product.
 *
 * @param partSizeBytes bytes of one part or range, up to 1 GiB; the store has a least size of its
 *     own
 * @param parallelism parts under way at the same time, over all files, 1 to 256
 */
public record TransferOptions(long partSizeBytes, int parallelism) {
  public static final long MAX_PART_SIZE_BYTES = 1L << 30; // one ByteBuffer holds a part
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
