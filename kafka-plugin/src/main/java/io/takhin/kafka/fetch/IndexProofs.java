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

  /** The bytes of one index, as it was on the disk of the broker that copied it. */
  static byte[] index(ProvedLog log, CachedRange object, IndexKind kind) throws IOException {
    RemoteIndexes layout = layout(log, object);
    byte[] bytes = new byte[layout.sizes().of(kind)];
    object.readFully(layout.startOf(kind), ByteBuffer.wrap(bytes));
    return bytes;
  }

  private static RemoteIndexes layout(ProvedLog log, CachedRange object) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(RemoteIndexes.HEADER_BYTES);
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
