package io.takhin.kafka.layout;

import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.store.Crc32c;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Where the parts of the combined index object lie. It has all that a broker needs before the first
 * record of a segment, to find it and to prove it, so that one request brings it.
 *
 * <p>Numbers are big-endian. Version 1, of a log that is stored as it was:
 *
 * <pre>
 *    0  8  magic "TKHNKIDX"
 *    8  4  version, 1
 *   12  4  bytes of a chunk, 131072
 *   16  8  bytes of the log, as stored
 *   24  4  CRC-32C of the log, as stored
 *   28  4  number of checksums: stored log / chunk, rounded up
 *   32  4  bytes of the offset index
 *   36  4  bytes of the time index
 *   40  4  bytes of the transaction index
 *   44  4  bytes of the leader epochs
 *   48  4  bytes of the producer snapshot
 *   52  4  CRC-32C of bytes 0 to 51
 *   56     checksums: CRC-32C of each chunk of the stored log, 4 bytes each
 *          the indexes one after the other, in the order of the sizes, as they were on disk
 * </pre>
 *
 * Version 2, of a log that is stored in blocks, see {@link LogForm}:
 *
 * <pre>
 *    8  4  version, 2
 *   52  4  flags: 1 compressed with zstd, 2 encrypted with AES-256-GCM
 *   56  8  bytes of the log, before it was stored
 *   64  4  bytes of a block, before it was stored, 131072
 *   68  4  CRC-32C of bytes 0 to 67
 *   72     checksums, as above
 *          if encrypted: the data key, 1024 bytes, see {@link WrappedKey}
 *          if compressed: bytes of each block before encryption, 4 bytes each
 *          the indexes, as above
 * </pre>
 *
 * If it is encrypted, the sizes of the blocks and each index that has bytes are encrypted by
 * themselves, with the tag of 16 bytes behind each; the sizes in the header are those before. The
 * object as a whole is proved by its checksum in the manifest and in the {@link SegmentLayout}.
 *
 * @param logBytes size of the log as it is stored
 * @param logChecksum over the whole log as it is stored
 * @param form how it is stored
 */
public record RemoteIndexes(long logBytes, Crc32c logChecksum, IndexSizes sizes, LogForm form) {
  /** What is fetched, proved and cached as one; that of the cold reads. */
  public static final int CHUNK_BYTES = ReadIndex.CHUNK_BYTES;

  /** Of the longest header; whoever has less may still have all of a shorter one. */
  public static final int MAX_HEADER_BYTES = 72;

  private static final int PLAIN_HEADER_BYTES = 56;
  private static final long MAGIC = 0x544B484E4B494458L;
  private static final int PLAIN_VERSION = 1;
  private static final int BLOCKS_VERSION = 2;
  private static final int SIZES_AT = 32;
  private static final int FLAGS_AT = 52;

  /**
   * @throws IllegalArgumentException if the log's size is negative, or the object would exceed what
   *     one buffer holds
   */
  public RemoteIndexes {
    Objects.requireNonNull(logChecksum, "logChecksum");
    if (logBytes < 0 || (logBytes + CHUNK_BYTES - 1) / CHUNK_BYTES > Integer.MAX_VALUE / 8) {
      throw new IllegalArgumentException("invalid size of a log: " + logBytes);
    }
    if (form.isPlain() && form.plainBytes() != logBytes) {
      throw new IllegalArgumentException(
          "a log that is stored as it was has another size: expected "
              + form.plainBytes()
              + ", got "
              + logBytes);
    }
    long total =
        MAX_HEADER_BYTES
            + WrappedKey.BYTES
            + LogForm.TAG_BYTES * (1L + IndexKind.values().length)
            + Integer.BYTES * ((long) ReadIndex.chunkCount(logBytes) + form.blockCount())
            + sizes.sum();
    if (total > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "index object too large: expected at most " + Integer.MAX_VALUE + " bytes, got " + total);
    }
  }

  /** Of a log that is stored as it was. */
  public RemoteIndexes(long logBytes, Crc32c logChecksum, IndexSizes sizes) {
    this(logBytes, logChecksum, sizes, LogForm.plain(logBytes));
  }

  /** How many chunks the stored log has; the last one may be shorter. */
  public int chunkCount() {
    return ReadIndex.chunkCount(logBytes);
  }

  private int headerBytes() {
    return form.isPlain() ? PLAIN_HEADER_BYTES : MAX_HEADER_BYTES;
  }

  /** Where the checksums begin; 4 bytes each. */
  public int checksumsAt() {
    return headerBytes();
  }

  /** Where the {@link WrappedKey} begins, if there is one. */
  public int keyAt() {
    return headerBytes() + chunkCount() * Integer.BYTES;
  }

  /** Where the sizes of the blocks begin, if the log is compressed. */
  public int blockSizesAt() {
    return keyAt() + (form.isEncrypted() ? WrappedKey.BYTES : 0);
  }

  /** How many bytes of the object they take. */
  public int blockSizesBytes() {
    return form.isCompressed() ? form.sealedBytes(form.blockCount() * Integer.BYTES) : 0;
  }

  /** Where an index begins. */
  public int startOf(IndexKind kind) {
    int start = blockSizesAt() + blockSizesBytes();
    for (IndexKind other : IndexKind.values()) {
      if (other.compareTo(kind) < 0) {
        start += storedBytes(other);
      }
    }
    return start;
  }

  /** How many bytes of the object an index takes. */
  public int storedBytes(IndexKind kind) {
    int bytes = sizes.of(kind);
    return bytes == 0 ? 0 : form.sealedBytes(bytes);
  }

  public int totalBytes() {
    return startOf(IndexKind.PRODUCER_SNAPSHOT) + storedBytes(IndexKind.PRODUCER_SNAPSHOT);
  }

  /** Writes the header at the position, which moves behind it. */
  public void putHeader(ByteBuffer object) {
    int start = object.position();
    object
        .putLong(MAGIC)
        .putInt(form.isPlain() ? PLAIN_VERSION : BLOCKS_VERSION)
        .putInt(CHUNK_BYTES)
        .putLong(logBytes)
        .putInt(logChecksum.value())
        .putInt(chunkCount());
    for (IndexKind kind : IndexKind.values()) {
      object.putInt(sizes.of(kind));
    }
    if (!form.isPlain()) {
      object.putInt(form.flags()).putLong(form.plainBytes()).putInt(LogForm.BLOCK_BYTES);
    }
    object.putInt(headerChecksum(object, start, headerBytes()));
  }

  /**
   * Reads a header.
   *
   * @param object from its position on; the position does not move
   * @throws IllegalArgumentException if it is none, cut off, damaged, or of another version
   */
  public static RemoteIndexes parse(ByteBuffer object) {
    int start = object.position();
    requireBytes(PLAIN_HEADER_BYTES, object);
    require("magic", MAGIC, object.getLong(start));
    int version = object.getInt(start + 8);
    boolean isPlain = version == PLAIN_VERSION;
    require("version", isPlain ? PLAIN_VERSION : BLOCKS_VERSION, version);
    require("chunk size", CHUNK_BYTES, object.getInt(start + 12));
    int headerBytes = isPlain ? PLAIN_HEADER_BYTES : MAX_HEADER_BYTES;
    requireBytes(headerBytes, object);
    require(
        "checksum of the header",
        headerChecksum(object, start, headerBytes),
        object.getInt(start + headerBytes - Integer.BYTES));
    long logBytes = object.getLong(start + 16);
    ByteBuffer sizes = object.slice(start + SIZES_AT, FLAGS_AT - SIZES_AT);
    RemoteIndexes indexes =
        new RemoteIndexes(
            logBytes,
            new Crc32c(object.getInt(start + 24)),
            IndexSizes.of(kind -> sizes.getInt()),
            isPlain ? LogForm.plain(logBytes) : form(object, start));
    require("number of checksums", indexes.chunkCount(), object.getInt(start + 28));
    return indexes;
  }

  private static LogForm form(ByteBuffer object, int start) {
    require("block size", LogForm.BLOCK_BYTES, object.getInt(start + 64));
    return LogForm.of(object.getInt(start + FLAGS_AT), object.getLong(start + 56));
  }

  private static int headerChecksum(ByteBuffer object, int start, int headerBytes) {
    return Crc32c.of(object.slice(start, headerBytes - Integer.BYTES)).value();
  }

  private static void requireBytes(int headerBytes, ByteBuffer object) {
    require("bytes of a header", headerBytes, Math.min(headerBytes, object.remaining()));
  }

  private static void require(String what, long expected, long got) {
    if (expected != got) {
      throw new IllegalArgumentException(
          "invalid index object: " + what + ": expected " + expected + ", got " + got);
    }
  }
}
