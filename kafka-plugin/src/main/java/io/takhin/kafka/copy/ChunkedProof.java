package io.takhin.kafka.copy;

import io.takhin.kafka.layout.RemoteIndexes;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.transfer.ObjectProof;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Proves an object by the bytes it is made of, as a whole and by chunks. Used by one thread. */
final class ChunkedProof {
  private final ByteArrayOutputStream checksums = new ByteArrayOutputStream();
  private CRC32C chunk = new CRC32C();
  private int chunkBytes;
  private long sizeBytes;
  private Crc32c whole = Crc32c.EMPTY;

  /** Takes in what comes next; the position does not move. */
  void add(ByteBuffer bytes) {
    int at = bytes.position();
    while (at < bytes.limit()) {
      int count = Math.min(bytes.limit() - at, RemoteIndexes.CHUNK_BYTES - chunkBytes);
      chunk.update(bytes.slice(at, count));
      at += count;
      chunkBytes += count;
      if (chunkBytes == RemoteIndexes.CHUNK_BYTES) {
        endChunk();
      }
    }
  }

  private void endChunk() {
    Crc32c checksum = new Crc32c((int) chunk.getValue());
    checksums.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(checksum.value()).array());
    whole = whole.combine(checksum, chunkBytes);
    sizeBytes += chunkBytes;
    chunk = new CRC32C();
    chunkBytes = 0;
  }

  /** The proof of all; nothing is added after it. */
  ObjectProof proof(ObjectKey key) {
    if (chunkBytes > 0) {
      endChunk();
    }
    return new ObjectProof(key, sizeBytes, whole);
  }

  /** Of the chunks, 4 bytes each, after {@link #proof}. */
  ByteBuffer checksums() {
    return ByteBuffer.wrap(checksums.toByteArray());
  }
}
