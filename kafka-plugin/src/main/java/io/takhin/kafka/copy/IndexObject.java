package io.takhin.kafka.copy;

import io.takhin.kafka.layout.IndexKind;
import io.takhin.kafka.layout.IndexSizes;
import io.takhin.kafka.layout.RemoteIndexes;
import io.takhin.tiered.transfer.ChunkChecksums;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Makes the combined index object of a segment, whose log was just sent. */
final class IndexObject {
  private IndexObject() {}

  /** The sizes that the segment's indexes have now. */
  static IndexSizes sizes(LocalSegment segment) throws IOException {
    return new IndexSizes(
        size(segment, IndexKind.OFFSET),
        size(segment, IndexKind.TIME),
        size(segment, IndexKind.TRANSACTION),
        segment.leaderEpochs().remaining(),
        size(segment, IndexKind.PRODUCER_SNAPSHOT));
  }

  private static int size(LocalSegment segment, IndexKind kind) throws IOException {
    Path file = segment.indexes().get(kind);
    if (file == null) {
      return 0;
    }
    long bytes = Files.size(file);
    if (bytes > Integer.MAX_VALUE) {
      throw new IOException("index too large: file=" + file + " bytes=" + bytes);
    }
    return (int) bytes;
  }

  /**
   * The object's bytes, from position to limit, on the heap and the caller's own.
   *
   * @param layout for the log that was sent
   * @param chunks the checksums of its chunks
   * @throws IOException if a file does not have the size it had
   */
  static ByteBuffer build(RemoteIndexes layout, ChunkChecksums chunks, LocalSegment segment)
      throws IOException {
    ByteBuffer object = ByteBuffer.allocate(layout.totalBytes());
    layout.putHeader(object);
    for (int chunk = 0; chunk < layout.chunkCount(); chunk++) {
      object.putInt(chunks.get(chunk));
    }
    for (IndexKind kind : IndexKind.values()) {
      if (kind == IndexKind.LEADER_EPOCH) {
        object.put(segment.leaderEpochs().duplicate());
      } else {
        Path file = segment.indexes().get(kind);
        if (file != null) {
          read(file, layout.sizes().of(kind), object);
        }
      }
    }
    return object.flip();
  }

  private static void read(Path file, int sizeBytes, ByteBuffer object) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() != sizeBytes) {
        throw new IOException(
            "index changed while it was copied: file="
                + file
                + " expected_bytes="
                + sizeBytes
                + " got="
                + channel.size());
      }
      int end = object.position() + sizeBytes;
      object.limit(end);
      while (object.hasRemaining()) {
        if (channel.read(object) < 0) {
          throw new EOFException("index became shorter while it was copied: file=" + file);
        }
      }
      object.limit(object.capacity());
    }
  }
}
