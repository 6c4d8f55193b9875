package io.takhin.tiered.disk;

/**
 * The use of the disk over the last ten minutes, in a bounded number of samples, and the line
 * through them. Used by one thread at a time.
 *
 * <p>A line by least squares rather than the difference of two samples, because freeing a segment
 * makes a step of a gigabyte in what otherwise rises slowly.
 */
final class DiskHistory {
  static final int SAMPLES = 120;
  static final long WINDOW_MILLIS = 600_000;

  private static final long SPACING_MILLIS = WINDOW_MILLIS / SAMPLES;
  private static final double MILLIS_PER_SECOND = 1000;

  private final long[] atMillis = new long[SAMPLES];
  private final long[] usedBytes = new long[SAMPLES];
  private int first;
  private int count;

  /**
   * Takes a sample in. One that comes soon after another replaces it, unless that is the only one;
   * when the clock went back, the history begins anew.
   */
  void add(long nowMillis, long nowUsedBytes) {
    if (count > 0 && nowMillis < at(count - 1)) {
      count = 0;
    }
    while (count > 0 && nowMillis - at(0) > WINDOW_MILLIS) {
      first = (first + 1) % SAMPLES;
      count--;
    }
    boolean replaces = count > 1 && nowMillis - at(count - 2) < SPACING_MILLIS;
    if (!replaces && count == SAMPLES) {
      first = (first + 1) % SAMPLES;
      count--;
    }
    int slot = (first + (replaces ? count - 1 : count)) % SAMPLES;
    atMillis[slot] = nowMillis;
    usedBytes[slot] = nowUsedBytes;
    count += replaces ? 0 : 1;
  }

  /** How much the use grows; negative when it shrinks, and 0 as long as there is one sample. */
  double growthBytesPerSecond() {
    if (count < 2) {
      return 0;
    }
    long beganMillis = at(0);
    double meanSeconds = 0;
    double meanBytes = 0;
    for (int i = 0; i < count; i++) {
      meanSeconds += (at(i) - beganMillis) / MILLIS_PER_SECOND / count;
      meanBytes += (double) used(i) / count;
    }
    double covariance = 0;
    double variance = 0;
    for (int i = 0; i < count; i++) {
      double seconds = (at(i) - beganMillis) / MILLIS_PER_SECOND - meanSeconds;
      covariance += seconds * (used(i) - meanBytes);
      variance += seconds * seconds;
    }
    return variance == 0 ? 0 : covariance / variance;
  }

  int size() {
    return count;
  }

  private long at(int index) {
    return atMillis[(first + index) % SAMPLES];
  }

  private long used(int index) {
    return usedBytes[(first + index) % SAMPLES];
  }
}
