package io.takhin.kafka.layout;

/**
 * How the bytes of a log are stored: as they were, or in blocks of {@link #BLOCK_BYTES} that were
 * compressed, encrypted, or both, in this order, each by itself and one after the other. A block
 * that did not shrink is not compressed: it is stored with the size it had.
 *
 * @param plainBytes size of the log on the broker's disk
 * @param isCompressed with zstd
 * @param isEncrypted with AES-256-GCM; each block is larger by {@link #TAG_BYTES} then
 */
public record LogForm(long plainBytes, boolean isCompressed, boolean isEncrypted) {
  /** Of every block but the last; what is fetched and proved is of this size, too. */
  public static final int BLOCK_BYTES = RemoteIndexes.CHUNK_BYTES;

  /** What proves an encrypted block or section, behind it. */
  public static final int TAG_BYTES = 16;

  private static final int COMPRESSED = 1;
  private static final int ENCRYPTED = 2;

  /** All flags there are. */
  static final int MAX_FLAGS = COMPRESSED | ENCRYPTED;

  private static final long MAX_BYTES = 0xFFFF_FFFFL;

  /**
   * @throws IllegalArgumentException if the size is negative, or too large for blocks: Kafka's
   *     segments end at 2 GiB
   */
  public LogForm {
    long maxBytes = isCompressed || isEncrypted ? MAX_BYTES : Long.MAX_VALUE;
    if (plainBytes < 0 || plainBytes > maxBytes) {
      throw new IllegalArgumentException(
          "invalid size of a log: expected 0 to " + maxBytes + ", got " + plainBytes);
    }
  }

  /** Stored as it was. */
  public static LogForm plain(long logBytes) {
    return new LogForm(logBytes, false, false);
  }

  /**
   * @param flags as {@link #flags} gives them
   * @throws IllegalArgumentException if there are others
   */
  static LogForm of(int flags, long plainBytes) {
    if (flags < 0 || flags > MAX_FLAGS) {
      throw new IllegalArgumentException(
          "the log is stored in a way that this release does not know: flags: expected 0 to "
              + MAX_FLAGS
              + ", got "
              + flags);
    }
    return new LogForm(plainBytes, (flags & COMPRESSED) != 0, (flags & ENCRYPTED) != 0);
  }

  int flags() {
    return (isCompressed ? COMPRESSED : 0) | (isEncrypted ? ENCRYPTED : 0);
  }

  public boolean isPlain() {
    return !isCompressed && !isEncrypted;
  }

  /** How many blocks there are. */
  public int blockCount() {
    return Math.toIntExact((plainBytes + BLOCK_BYTES - 1) / BLOCK_BYTES);
  }

  /** How many bytes a block has before it is stored. */
  public int plainBytesOf(int block) {
    return (int) Math.min(BLOCK_BYTES, plainBytes - (long) block * BLOCK_BYTES);
  }

  /** How many bytes are stored for so many, once they are compressed. */
  public int sealedBytes(int bytes) {
    return isEncrypted ? bytes + TAG_BYTES : bytes;
  }
}
