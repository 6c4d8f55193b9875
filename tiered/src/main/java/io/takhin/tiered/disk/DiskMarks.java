package io.takhin.tiered.disk;

/**
 * The marks on the use of a disk, in percent of its size: 1 to 100, ascending.
 *
 * @param lowPercent from here on segments are archived ahead of their age
 * @param highPercent from here on writers are slowed, if the policy says so; dropping ends below it
 * @param fullPercent from here on nothing more is accepted, so that the rest stays for the catalog,
 *     the indexes and the broker's own files
 */
public record DiskMarks(int lowPercent, int highPercent, int fullPercent) {
  public static final DiskMarks DEFAULT = new DiskMarks(80, 90, 97);

  private static final int PERCENT = 100;

  public DiskMarks {
    if (lowPercent < 1
        || lowPercent >= highPercent
        || highPercent >= fullPercent
        || fullPercent > PERCENT) {
      throw new IllegalArgumentException(
          "invalid disk marks: expected 1 <= low < high < full <= 100, got low="
              + lowPercent
              + " high="
              + highPercent
              + " full="
              + fullPercent);
    }
  }

  /** Where a disk of the usage stands. */
  public DiskLevel level(DiskUsage usage) {
    if (usage.usedBytes() >= fullBytes(usage.totalBytes())) {
      return DiskLevel.FULL;
    }
    if (usage.usedBytes() >= highBytes(usage.totalBytes())) {
      return DiskLevel.HIGH;
    }
    return usage.usedBytes() >= lowBytes(usage.totalBytes()) ? DiskLevel.LOW : DiskLevel.NORMAL;
  }

  public long lowBytes(long totalBytes) {
    return share(lowPercent, totalBytes);
  }

  public long highBytes(long totalBytes) {
    return share(highPercent, totalBytes);
  }

  public long fullBytes(long totalBytes) {
    return share(fullPercent, totalBytes);
  }

  /** Divided first, because the product may exceed a long. */
  private static long share(int percent, long totalBytes) {
    return totalBytes / PERCENT * percent + totalBytes % PERCENT * percent / PERCENT;
  }
}
