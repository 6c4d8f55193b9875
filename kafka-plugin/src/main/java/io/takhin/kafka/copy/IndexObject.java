package io.takhin.kafka.copy;

import io.takhin.kafka.copy.LogSender.SentLog;
import io.takhin.kafka.form.SegmentEncoder;
import io.takhin.kafka.layout.IndexKind;
import io.takhin.kafka.layout.IndexSizes;
import io.takhin.kafka.layout.RemoteIndexes;
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

  /** The heap that {@link #build} takes at most: what is encrypted is there twice. */
  static long memoryBytes(RemoteIndexes layout) {
    return (layout.form().isEncrypted() ? 3L : 1L) * layout.totalBytes();
  }

  /**
   * The object's bytes, from position to limit, on the heap and the caller's own.
   *
   * @param layout for the log that was sent
   * @throws IOException if a file does not have the size it had
   */
  static ByteBuffer build(RemoteIndexes layout, SentLog log, LocalSegment segment)
      throws IOException {
    ByteBuffer object = ByteBuffer.allocate(layout.totalBytes());
    layout.putHeader(object);
    object.put(log.checksums().duplicate());
    SegmentEncoder encoder = log.encoder();
    encoder.key().ifPresent(key -> key.put(object));
    object.put(encoder.blockSizes());
    for (IndexKind kind : IndexKind.values()) {
      if (layout.form().isEncrypted()) {
        byte[] plain = new byte[layout.sizes().of(kind)];
        put(kind, segment, ByteBuffer.wrap(plain));
        object.put(encoder.encode(kind, plain));
      } else {
        int end = object.position() + layout.sizes().of(kind);
        put(kind, segment, object.limit(end));
        object.limit(object.capacity());
      }
    }
    return object.flip();
  }

  /** Fills the target up to its limit with an index. */
  private static void put(IndexKind kind, LocalSegment segment, ByteBuffer into)
      throws IOException {
    if (kind == IndexKind.LEADER_EPOCH) {
      into.put(segment.leaderEpochs().duplicate());
      return;
    }
    Path file = segment.indexes().get(kind);
    if (file == null) {
      return;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() != into.remaining()) {
        throw new IOException(
            "index changed while it was copied: file="
                + file
                + " expected_bytes="
                + into.remaining()
                + " got="
                + channel.size());
      }
      while (into.hasRemaining()) {
        if (channel.read(into) < 0) {
          throw new EOFException("index became shorter while it was copied: file=" + file);
        }
      }
    }
  }
}
