package io.takhin.tiered.disk;

/**
 * The file system at one moment.
 *
 * @param usedBytes what cannot be written any more, whoever took it: the total without what is left
 *     to this process
 * @param totalBytes its size, above 0
 */
public record DiskUsage(long usedBytes, long totalBytes) {
  public DiskUsage {
    if (totalBytes < 1 || usedBytes < 0) {
      throw new IllegalArgumentException(
          "invalid disk usage: expected usedBytes >= 0 and totalBytes >= 1, got usedBytes="
              + usedBytes
              + " totalBytes="
              + totalBytes);
    }
  }

  /** From 0 to 1; above it where a quota is overdrawn. */
  public double usedRatio() {
    return (double) usedBytes / totalBytes;
  }

  DiskUsage plus(long bytes) {
    return new DiskUsage(usedBytes + bytes, totalBytes);
  }
}
