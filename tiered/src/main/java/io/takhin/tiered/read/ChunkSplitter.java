package io.takhin.tiered.read;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Takes the body of a request apart into chunks: writes each into its slot, and says with its
 * checksum when it is complete. The checksum is computed before the bytes are written, while they
 * are in the processor's cache. Used by one thread.
 */
final class ChunkSplitter implements WritableByteChannel {
  private final RemoteFile file;
  private final int begun;
  private final int end;
  private final Receiver receiver;
  private final ReadMeters.Tally fetchedBytes;
  private int chunk;
  private int filledBytes;
  private SlabStore.@Nullable Slot slot;
  private CRC32C crc = new CRC32C();

  /** Whose chunks they are. */
  interface Receiver {
    /** Where to write the chunk, of which nothing has come yet; null for nowhere. */
    SlabStore.@Nullable Slot slotFor(int chunk);

    /** All bytes of the chunk have come, and are in its slot if it has one. */
    void came(int chunk, int checksum) throws IOException;
  }

  /**
   * @param chunk where the body begins
   * @param end the chunk at which it ends at the latest
   */
  ChunkSplitter(
      RemoteFile file, int chunk, int end, Receiver receiver, ReadMeters.Tally fetchedBytes) {
    this.file = file;
    this.begun = chunk;
    this.end = end;
    this.receiver = receiver;
    this.fetchedBytes = fetchedBytes;
    this.chunk = chunk;
  }

  boolean hasProgressed() {
    return chunk > begun || filledBytes > 0;
  }

  /** The chunk that the next byte belongs to. */
  int chunk() {
    return chunk;
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    int limit = bytes.limit();
    while (bytes.position() < limit) {
      if (chunk >= end) {
        throw new IOException("more bytes than asked for: key=" + file.key());
      }
      int part = Math.min(limit - bytes.position(), file.lengthOf(chunk) - filledBytes);
      bytes.limit(bytes.position() + part);
      writePart(bytes);
      bytes.limit(limit);
      filledBytes += part;
      if (filledBytes == file.lengthOf(chunk)) {
        receiver.came(chunk, (int) crc.getValue());
        chunk++;
        filledBytes = 0;
        crc = new CRC32C();
      }
    }
    fetchedBytes.add(length);
    return length;
  }

  private void writePart(ByteBuffer part) throws IOException {
    if (filledBytes == 0) {
      slot = receiver.slotFor(chunk);
    }
    crc.update(part.duplicate());
    SlabStore.Slot place = slot;
    if (place == null) {
      part.position(part.limit());
      return;
    }
    Slab slab = place.slab();
    Slab.writeFully(slab.channel(), part, slab.positionOf(place.index()) + filledBytes);
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}
}
