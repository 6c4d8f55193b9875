package io.takhin.tiered.verify;

/** How deep a verification looks; each level does what those before it do. */
public enum Level {
  /** The bucket's listing against the catalog: one request for each 1,000 objects. */
  LISTING(0),
  /**
   * Each object's size and checksum as the store has them, each manifest, and the local files
   * against the receipt: two requests more than a segment has files, and no object's bytes.
   */
  CHECKSUMS(1),
  /**
   * Each object's bytes, the record batches in them, and both indexes against those: downloads
   * everything.
   */
  CONTENT(2);

  private final int number;

  Level(int number) {
    this.number = number;
  }

  /**
   * The level of a number.
   *
   * @throws IllegalArgumentException if it is not 0, 1 or 2
   */
  public static Level of(int number) {
    for (Level level : values()) {
      if (level.number == number) {
        return level;
      }
    }
    throw new IllegalArgumentException("invalid level: expected 0 to 2, got " + number);
  }

  /** The number in commands and configuration. */
  public int number() {
    return number;
  }

  boolean includes(Level other) {
    return compareTo(other) >= 0;
  }
}
