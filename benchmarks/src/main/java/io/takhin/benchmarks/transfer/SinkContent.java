package io.takhin.benchmarks.transfer;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Bytes that the sink has kept of an object, in the pieces in which they came. Never changes. */
final class SinkContent {
  /** Read only, by where each begins in the object. */
  private final NavigableMap<Long, ByteBuffer> pieces = new TreeMap<>();

  private final long sizeBytes;

  SinkContent(Collection<ByteBuffer> inOrder) {
    long at = 0;
    for (ByteBuffer piece : inOrder) {
      if (piece.hasRemaining()) {
        pieces.put(at, piece);
        at += piece.remaining();
      }
    }
    this.sizeBytes = at;
  }

  long sizeBytes() {
    return sizeBytes;
  }

  /** The bytes from a position on, at most so many and not always as many; read only. */
  ByteBuffer at(long positionBytes, long maxBytes) {
    Map.Entry<Long, ByteBuffer> piece = pieces.floorEntry(positionBytes);
    if (piece == null) {
      throw new IndexOutOfBoundsException(
          "outside of the object: position=" + positionBytes + " size=" + sizeBytes);
    }
    int start = (int) (positionBytes - piece.getKey());
    return piece
        .getValue()
        .slice(start, (int) Math.min(maxBytes, piece.getValue().remaining() - start));
  }
}
