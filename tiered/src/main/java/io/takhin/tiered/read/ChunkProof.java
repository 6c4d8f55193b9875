package io.takhin.tiered.read;

import io.takhin.tiered.store.Crc32c;
import org.jspecify.annotations.Nullable;

/** What tells that bytes from the store are those that were archived; immutable. */
final class ChunkProof {
  /**
   * The chunks are proved only together, by the receipt's checksum: for the small objects, which
   * are always fetched whole.
   */
  static final ChunkProof WHOLE = new ChunkProof(null, null);

  private final int @Nullable [] checksums;
  private final @Nullable String etag;

  private ChunkProof(int @Nullable [] checksums, @Nullable String etag) {
    this.checksums = checksums;
    this.etag = etag;
  }

  /**
   * By a CRC-32C of each chunk, computed when the segment was archived.
   *
   * @param checksums not copied
   */
  static ChunkProof byChecksums(int[] checksums) {
    return new ChunkProof(checksums, null);
  }

  /**
   * By the ETag of an object whose size and checksum as a whole were found to agree with the
   * receipt: ranges are read on the condition that it is still that one.
   */
  static ChunkProof byEtag(String etag) {
    return new ChunkProof(null, etag);
  }

  boolean isWhole() {
    return checksums == null && etag == null;
  }

  /** The condition under which to read; null where the checksums tell. */
  @Nullable String etag() {
    return etag;
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
