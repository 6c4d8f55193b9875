package io.takhin.tiered.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Where the parts of a {@link FileKind#READINDEX} object lie: all that a reader of the bucket needs
 * before its first record, to find it and to prove it, so that one small request brings it.
 *
 * <p>Numbers are big-endian:
 *
 * <pre>
 *    0  8  magic "TKHNRIDX"
 *    8  4  version, 1
 *   12  4  bytes of a chunk, 131072
 *   16  8  bytes of the log
 *   24  4  number of checksums: log / chunk, rounded up
 *   28  4  bytes of the offset index
 *   32  4  bytes of the time index
 *   36  4  CRC-32C of bytes 0 to 35
 *   40     checksums: CRC-32C of each chunk of the log, 4 bytes each
 *          the offset index, as it was on disk
 *          the time index, as it was on disk
 * </pre>
 *
 * The object as a whole is proved by the checksum in the manifest, so it carries none of its own.
 *
 * @param logBytes size of the log it was made of
 * @param offsetIndexBytes size of the offset index, 0 where the segment had none
 * @param timeIndexBytes size of the time index, 0 where the segment had none
 */
public record ReadIndex(long logBytes, int offsetIndexBytes, int timeIndexBytes) {
  /**
   * What is fetched, proved and cached as one. A read at any position fetches half a chunk too much
   * at each end, so this is an eighth of the 1 MiB that Kafka's consumers ask for.
   */
  public static final int CHUNK_BYTES = 128 << 10;

  public static final int HEADER_BYTES = 40;

  private static final long MAGIC = 0x544B484E52494458L;
  private static final int VERSION = 1;
  private static final int HEADER_CHECKSUM_AT = 36;

  public ReadIndex {
    if (logBytes < 0 || offsetIndexBytes < 0 || timeIndexBytes < 0) {
      throw new IllegalArgumentException(
          "invalid read index: expected sizes of 0 or more, got log="
              + logBytes
              + " index="
              + offsetIndexBytes
              + " timeindex="
              + timeIndexBytes);
    }
  }

  /** How many chunks a file of that size has; the last one may be shorter. */
  public static int chunkCount(long fileBytes) {
    return Math.toIntExact((fileBytes + CHUNK_BYTES - 1) / CHUNK_BYTES);
  }

  /** How many chunks the log has. */
  public int chunkCount() {
    return chunkCount(logBytes);
  }

  /** Where the checksums begin; 4 bytes each. */
  public int checksumsAt() {
    return HEADER_BYTES;
  }

  public int offsetIndexAt() {
    return HEADER_BYTES + chunkCount() * Integer.BYTES;
  }

  public int timeIndexAt() {
    return offsetIndexAt() + offsetIndexBytes;
  }

  public int totalBytes() {
    return Math.addExact(timeIndexAt(), timeIndexBytes);
  }

  /**
   * Makes the object from a segment's files. Reads all of the log.
   *
   * @return the bytes, from position to limit, on the heap and the caller's own
   */
  public static ByteBuffer build(SegmentFiles files) throws IOException {
    byte[] offsetIndex = read(files.path(FileKind.INDEX));
    byte[] timeIndex = read(files.path(FileKind.TIMEINDEX));
    try (FileChannel log = FileChannel.open(files.log(), StandardOpenOption.READ)) {
      ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
      return build(offsetIndex, timeIndex, log.size(), index -> checksum(log, index, chunk));
    }
  }

  /**
   * Makes the same object without reading the log.
   *
   * @param checksums CRC-32C of each chunk of the log
   */
  public static ByteBuffer build(SegmentFiles files, long logBytes, Checksums checksums)
      throws IOException {
    return build(
        read(files.path(FileKind.INDEX)),
        read(files.path(FileKind.TIMEINDEX)),
        logBytes,
        checksums);
  }

  /** The CRC-32C of a chunk, by its number from 0. */
  @FunctionalInterface
  public interface Checksums {
    int of(int index) throws IOException;
  }

  /**
   * Makes the object from its parts.
   *
   * @param offsetIndex as on disk; empty if there is none
   * @param timeIndex as on disk; empty if there is none
   * @param checksums CRC-32C of each chunk of the log
   */
  public static ByteBuffer build(
      byte[] offsetIndex, byte[] timeIndex, long logBytes, Checksums checksums) throws IOException {
    ReadIndex layout = new ReadIndex(logBytes, offsetIndex.length, timeIndex.length);
    ByteBuffer object = ByteBuffer.allocate(layout.totalBytes());
    layout.putHeader(object);
    for (int index = 0; index < layout.chunkCount(); index++) {
      object.putInt(checksums.of(index));
    }
    return object.put(offsetIndex).put(timeIndex).flip();
  }

  private static byte[] read(Optional<Path> file) throws IOException {
    return file.isPresent() ? Files.readAllBytes(file.get()) : new byte[0];
  }

  private static int checksum(FileChannel log, int index, ByteBuffer chunk) throws IOException {
    long start = (long) index * CHUNK_BYTES;
    chunk.clear();
    int read = 0;
    while (chunk.hasRemaining() && read >= 0) {
      read = log.read(chunk, start + chunk.position());
    }
    CRC32C crc = new CRC32C();
    crc.update(chunk.flip());
    return (int) crc.getValue();
  }

  /** Writes the header at the position, which moves behind it. */
  public void putHeader(ByteBuffer object) {
    int start = object.position();
    object
        .putLong(MAGIC)
        .putInt(VERSION)
        .putInt(CHUNK_BYTES)
        .putLong(logBytes)
        .putInt(chunkCount())
        .putInt(offsetIndexBytes)
        .putInt(timeIndexBytes);
    object.putInt(headerChecksum(object, start));
  }

  /**
   * Reads a header.
   *
   * @param header {@link #HEADER_BYTES} from its position on; the position does not move
   * @throws IllegalArgumentException if it is none, damaged, or of another version
   */
  public static ReadIndex parse(ByteBuffer header) {
    int start = header.position();
    require("magic", MAGIC, header.getLong(start));
    require("version", VERSION, header.getInt(start + 8));
    require("chunk size", CHUNK_BYTES, header.getInt(start + 12));
    require(
        "checksum of the header",
        headerChecksum(header, start),
        header.getInt(start + HEADER_CHECKSUM_AT));
    ReadIndex layout =
        new ReadIndex(
            header.getLong(start + 16), header.getInt(start + 28), header.getInt(start + 32));
    require("number of checksums", layout.chunkCount(), header.getInt(start + 24));
    return layout;
  }

  private static int headerChecksum(ByteBuffer object, int start) {
    CRC32C crc = new CRC32C();
    crc.update(object.slice(start, HEADER_CHECKSUM_AT));
    return (int) crc.getValue();
  }

  private static void require(String what, long expected, long got) {
    if (expected != got) {
      throw new IllegalArgumentException(
          "invalid read index: " + what + ": expected " + expected + ", got " + got);
    }
  }
}
