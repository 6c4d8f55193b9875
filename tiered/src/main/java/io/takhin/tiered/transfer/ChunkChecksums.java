package io.takhin.tiered.transfer;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The checksums of a file's chunks, computed while the file is uploaded, so that it need not be
 * read a second time for them. Filled by the threads that read its parts, each chunk by one of
 * them.
 */
public final class ChunkChecksums {
  /** For a file whose chunks nobody asks for. */
  static final ChunkChecksums NONE = new ChunkChecksums(1, null);

  private static final int MAX_CHUNK_BYTES = 1 << 20;

  private final int chunkBytes;
  private final @Nullable AtomicIntegerArray checksums;

  /**
   * @param chunkBytes of every chunk but the last; a power of two up to 1 MiB, so that a part of
   *     any size that is given to uploads ends with a chunk
   * @param count of chunks
   */
  public ChunkChecksums(int chunkBytes, int count) {
    this(chunkBytes, new AtomicIntegerArray(count));
    if (Integer.bitCount(chunkBytes) != 1 || chunkBytes > MAX_CHUNK_BYTES) {
      throw new IllegalArgumentException(
          "invalid chunk size: expected a power of two up to "
              + MAX_CHUNK_BYTES
              + ", got "
              + chunkBytes);
    }
  }

  private ChunkChecksums(int chunkBytes, @Nullable AtomicIntegerArray checksums) {
    this.chunkBytes = chunkBytes;
    this.checksums = checksums;
  }

  /** The least size of a part or slice that ends with a chunk, from the given one on. */
  long alignedBytes(long sizeBytes) {
    return (sizeBytes + chunkBytes - 1) / chunkBytes * chunkBytes;
  }

  /**
   * Takes in whole chunks.
   *
   * @param startBytes where they begin in the file, at a chunk's begin
   * @param bytes from position to limit; the position moves
   */
  void add(long startBytes, ByteBuffer bytes) {
    if (checksums == null) {
      return;
    }
    int index = Math.toIntExact(startBytes / chunkBytes);
    int end = bytes.limit();
    while (bytes.position() < end) {
      bytes.limit(Math.min(end, bytes.position() + chunkBytes));
      CRC32C crc = new CRC32C();
      crc.update(bytes);
      checksums.set(index++, (int) crc.getValue());
    }
  }

  public int count() {
    return checksums == null ? 0 : checksums.length();
  }

  /**
   * The CRC-32C of a chunk, once the upload is over.
   *
   * @param index from 0
   */
  public int get(int index) {
    if (checksums == null) {
      throw new IndexOutOfBoundsException(index);
    }
    return checksums.get(index);
  }
}
