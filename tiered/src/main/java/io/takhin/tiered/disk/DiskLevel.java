package io.takhin.tiered.disk;

/** Which mark the use of the disk has reached; in ascending order. */
public enum DiskLevel {
  /** Below the low mark: nothing is done. */
  NORMAL(0),
  /** At the low mark: segments are archived ahead of their age. */
  LOW(1),
  /** At the high mark: writers are slowed, if the policy says so. */
  HIGH(2),
  /** At the full mark: writers are refused, or old data is dropped. */
  FULL(3);

  private final int rank;

  DiskLevel(int rank) {
    this.rank = rank;
  }

  /** 0 to 3, as metrics tell it. */
  public int rank() {
    return rank;
  }
}
