package io.takhin.tiered.store.memory;

import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.TargetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/**
 * An immutable object. Its bytes stay in the pieces they arrived in, so one can be larger than the
 * 2 GiB of a Java array.
 *
 * @param chunks read-only, each from position 0 to its limit, never moved
 */
record MemoryObject(StoredObject head, List<ByteBuffer> chunks) {

  /** Writes a range that the caller has checked against the size. */
  void write(long startBytes, long lengthBytes, WritableByteChannel target) throws TargetException {
    long chunkStart = 0;
    long end = startBytes + lengthBytes;
    for (ByteBuffer chunk : chunks) {
      long from = Math.max(startBytes, chunkStart);
      long to = Math.min(end, chunkStart + chunk.remaining());
      if (from < to) {
        ByteBuffer bytes = chunk.slice((int) (from - chunkStart), (int) (to - from));
        try {
          while (bytes.hasRemaining()) {
            target.write(bytes);
          }
        } catch (IOException e) {
          throw new TargetException("cannot write the bytes of " + head.key() + ": " + e, e);
        }
      }
      chunkStart += chunk.remaining();
    }
  }
}
