package io.takhin.kafka.fetch;

import io.takhin.kafka.layout.IndexKind;
import io.takhin.kafka.layout.RemoteIndexes;
import io.takhin.tiered.read.CachedRange;
import io.takhin.tiered.read.ObjectReads.ProofFormat;
import io.takhin.tiered.read.ObjectReads.ProvedLog;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes apart an index object that was fetched and is the right one. */
final class IndexProofs implements ProofFormat {
  @Override
  public int[] checksums(ProvedLog log, CachedRange object) throws IOException {
    RemoteIndexes layout = layout(log, object);
    ByteBuffer packed = ByteBuffer.allocate(layout.chunkCount() * Integer.BYTES);
    object.readFully(layout.checksumsAt(), packed);
    int[] checksums = new int[layout.chunkCount()];
    packed.flip().asIntBuffer().get(checksums);
    return checksums;
  }

  /** The bytes of one index, as it is stored. */
  static byte[] index(ProvedLog log, CachedRange object, IndexKind kind) throws IOException {
    RemoteIndexes layout = layout(log, object);
    byte[] bytes = new byte[layout.storedBytes(kind)];
    object.readFully(layout.startOf(kind), ByteBuffer.wrap(bytes));
    return bytes;
  }

  /**
   * Where the parts of the object lie.
   *
   * @throws IllegalArgumentException if it is none, or of another log
   */
  static RemoteIndexes layout(ProvedLog log, CachedRange object) throws IOException {
    ByteBuffer header =
        ByteBuffer.allocate(Math.min(RemoteIndexes.MAX_HEADER_BYTES, object.lengthBytes()));
    object.readFully(0, header);
    RemoteIndexes layout = RemoteIndexes.parse(header.flip());
    if (layout.logBytes() != log.log().sizeBytes()
        || !layout.logChecksum().equals(log.log().checksum())
        || layout.totalBytes() != object.lengthBytes()) {
      throw new IllegalArgumentException(
          "index object of another log: expected="
              + log
              + " got="
              + layout
              + " object_bytes="
              + object.lengthBytes());
    }
    return layout;
  }
}
