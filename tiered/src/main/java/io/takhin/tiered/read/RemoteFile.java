package io.takhin.tiered.read;

import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.segment.ByteRange;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.ReadIndex;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * One object of a segment as the receipt has it, and the name under which its chunks are cached.
 *
 * @param nameHigh with {@code nameLow} the first 128 bits of a SHA-256 over key, size and checksum;
 *     an object that replaces another has another name
 */
record RemoteFile(
    SegmentId segment,
    FileKind kind,
    ObjectKey key,
    long sizeBytes,
    Crc32c checksum,
    long nameHigh,
    long nameLow) {

  static RemoteFile of(SegmentId segment, ArchivedFile file) {
    ByteBuffer name =
        ByteBuffer.wrap(
            sha256()
                .digest(
                    (file.key().value() + '\n' + file.sizeBytes() + '\n' + file.checksum())
                        .getBytes(StandardCharsets.UTF_8)));
    return new RemoteFile(
        segment,
        file.kind(),
        file.key(),
        file.sizeBytes(),
        file.checksum(),
        name.getLong(),
        name.getLong());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Whether its chunks are proved only together: all but logs, which are too large for that. */
  boolean isProvedWhole() {
    return kind != FileKind.LOG;
  }

  int chunkCount() {
    return ReadIndex.chunkCount(sizeBytes);
  }

  static int chunkAt(long positionBytes) {
    return Math.toIntExact(positionBytes / ReadIndex.CHUNK_BYTES);
  }

  static long startOf(int chunk) {
    return (long) chunk * ReadIndex.CHUNK_BYTES;
  }

  int lengthOf(int chunk) {
    return (int) Math.min(ReadIndex.CHUNK_BYTES, sizeBytes - startOf(chunk));
  }

  /** Whether a read that ends at the position has the chunk to its end. */
  boolean endsBy(int chunk, long endBytes) {
    return startOf(chunk) + lengthOf(chunk) <= endBytes;
  }

  /** The bytes of the object that the chunks {@code [first, end)} hold. */
  ByteRange rangeOf(int first, int end) {
    return new ByteRange(startOf(first), Math.min(sizeBytes, startOf(end)));
  }

  ChunkKey chunk(int index) {
    return new ChunkKey(nameHigh, nameLow, index);
  }

  String topic() {
    return segment.partition().topic();
  }
}
