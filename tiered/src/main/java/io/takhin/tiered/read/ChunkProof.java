package io.takhin.tiered.read;

import io.takhin.tiered.store.Crc32c;
import org.jspecify.annotations.Nullable;

/** What tells that bytes from the store are those that were archived; immutable. */
final class ChunkProof {
  /**
   * The chunks are proved only together, by the receipt's checksum: for the small objects, which
   * are always fetched whole.
   */
  static final ChunkProof WHOLE = new ChunkProof(null);

  private final int @Nullable [] checksums;

  private ChunkProof(int @Nullable [] checksums) {
    this.checksums = checksums;
  }

  /**
   * By a CRC-32C of each chunk, computed when the segment was archived.
   *
   * @param checksums not copied
   */
  static ChunkProof byChecksums(int[] checksums) {
    return new ChunkProof(checksums);
  }

  /** Bytes of the heap that the checksums take. */
  int sizeBytes() {
    return checksums == null ? 0 : checksums.length * Integer.BYTES;
  }

  /** Whether a chunk with that checksum is what was archived, as far as can be said. */
  boolean accepts(int chunk, int checksum) {
    return checksums == null || checksums[chunk] == checksum;
  }

  /** For messages. */
  String expected(int chunk) {
    return checksums == null ? "unknown" : new Crc32c(checksums[chunk]).toString();
  }
}
