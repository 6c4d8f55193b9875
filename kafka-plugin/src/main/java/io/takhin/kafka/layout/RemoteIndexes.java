package io.takhin.kafka.layout;

import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.store.Crc32c;
import java.nio.ByteBuffer;

/**
 * Where the parts of the combined index object lie. It has all that a broker needs before the first
 * record of a segment, to find it and to prove it, so that one request brings it.
 *
 * <p>Numbers are big-endian:
 *
 * <pre>
 *    0  8  magic "TKHNKIDX"
 *    8  4  version, 1
 *   12  4  bytes of a chunk, 131072
 *   16  8  bytes of the log
 *   24  4  CRC-32C of the log
 *   28  4  number of checksums: log / chunk, rounded up
 *   32  4  bytes of the offset index
 *   36  4  bytes of the time index
 *   40  4  bytes of the transaction index
 *   44  4  bytes of the leader epochs
 *   48  4  bytes of the producer snapshot
 *   52  4  CRC-32C of bytes 0 to 51
 *   56     checksums: CRC-32C of each chunk of the log, 4 bytes each
 *          the indexes one after the other, in the order of the sizes, as they were on disk
 * </pre>
 *
 * The object as a whole is proved by its checksum in the manifest and in the {@link SegmentLayout}.
 *
 * @param logBytes size of the log
 * @param logChecksum over the whole log
 */
public record RemoteIndexes(long logBytes, Crc32c logChecksum, IndexSizes sizes) {
  /** What is fetched, proved and cached as one; that of the cold reads. */
  public static final int CHUNK_BYTES = ReadIndex.CHUNK_BYTES;

  public static final int HEADER_BYTES = 56;

  private static final long MAGIC = 0x544B484E4B494458L;
  private static final int VERSION = 1;
  private static final int SIZES_AT = 32;
  private static final int HEADER_CHECKSUM_AT = 52;

  /**
   * @throws IllegalArgumentException if the log's size is negative, or the object would exceed what
   *     one buffer holds
   */
  public RemoteIndexes {
    if (logBytes < 0 || (logBytes + CHUNK_BYTES - 1) / CHUNK_BYTES > Integer.MAX_VALUE / 8) {
      throw new IllegalArgumentException("invalid size of a log: " + logBytes);
    }
    long total = HEADER_BYTES + Integer.BYTES * (long) chunkCount(logBytes) + sizes.sum();
    if (total > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "index object too large: expected at most " + Integer.MAX_VALUE + " bytes, got " + total);
    }
  }

  /** How many chunks the log has; the last one may be shorter. */
  public int chunkCount() {
    return chunkCount(logBytes);
  }

  private static int chunkCount(long logBytes) {
    return ReadIndex.chunkCount(logBytes);
  }

  /** Where the checksums begin; 4 bytes each. */
  public int checksumsAt() {
    return HEADER_BYTES;
  }

  /** Where an index begins. */
  public int startOf(IndexKind kind) {
    return HEADER_BYTES + chunkCount() * Integer.BYTES + sizes.before(kind);
  }

  public int totalBytes() {
    return HEADER_BYTES + chunkCount() * Integer.BYTES + sizes.sum();
  }

  /** Writes the header at the position, which moves behind it. */
  public void putHeader(ByteBuffer object) {
    int start = object.position();
    object
        .putLong(MAGIC)
        .putInt(VERSION)
        .putInt(CHUNK_BYTES)
        .putLong(logBytes)
        .putInt(logChecksum.value())
        .putInt(chunkCount());
    for (IndexKind kind : IndexKind.values()) {
      object.putInt(sizes.of(kind));
    }
    object.putInt(headerChecksum(object, start));
  }

  /**
   * Reads a header.
   *
   * @param object from its position on; the position does not move
   * @throws IllegalArgumentException if it is none, cut off, damaged, or of another version
   */
  public static RemoteIndexes parse(ByteBuffer object) {
    int start = object.position();
    require("bytes of a header", HEADER_BYTES, Math.min(HEADER_BYTES, object.remaining()));
    require("magic", MAGIC, object.getLong(start));
    require("version", VERSION, object.getInt(start + 8));
    require("chunk size", CHUNK_BYTES, object.getInt(start + 12));
    require(
        "checksum of the header",
        headerChecksum(object, start),
        object.getInt(start + HEADER_CHECKSUM_AT));
    ByteBuffer sizes = object.slice(start + SIZES_AT, HEADER_CHECKSUM_AT - SIZES_AT);
    RemoteIndexes indexes =
        new RemoteIndexes(
            object.getLong(start + 16),
            new Crc32c(object.getInt(start + 24)),
            IndexSizes.of(kind -> sizes.getInt()));
    require("number of checksums", indexes.chunkCount(), object.getInt(start + 28));
    return indexes;
  }

  private static int headerChecksum(ByteBuffer object, int start) {
    return Crc32c.of(object.slice(start, HEADER_CHECKSUM_AT)).value();
  }

  private static void require(String what, long expected, long got) {
    if (expected != got) {
      throw new IllegalArgumentException(
          "invalid index object: " + what + ": expected " + expected + ", got " + got);
    }
  }
}
