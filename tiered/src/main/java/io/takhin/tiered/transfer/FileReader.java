package io.takhin.tiered.transfer;

import io.takhin.tiered.store.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.zip.CRC32C;

/**
 * Reads a file that must not change meanwhile, in parts of equal size. Parts may be read from
 * several threads; the one that opened it calls {@link #requireUnchanged} after the last and
 * closes.
 */
final class FileReader implements AutoCloseable {
  /** Small enough that the checksum reads from the processor's cache what was just copied there. */
  private static final int SLICE_BYTES = 128 << 10;

  private final Path file;
  private final FileChannel channel;
  private final long sizeBytes;
  private final FileTime lastModified;

  private FileReader(Path file, FileChannel channel, BasicFileAttributes attributes) {
    this.file = file;
    this.channel = channel;
    this.sizeBytes = attributes.size();
    this.lastModified = attributes.lastModifiedTime();
  }

  static FileReader open(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return new FileReader(file, FileChannel.open(file, StandardOpenOption.READ), attributes);
  }

  long sizeBytes() {
    return sizeBytes;
  }

  /**
   * Fills the buffer from its position to its limit with the bytes that begin at the offset.
   *
   * @param chunks told of the same bytes, chunk by chunk, while they are in the processor's cache
   * @return their checksum; the buffer is flipped for reading
   */
  Crc32c read(long startBytes, ByteBuffer into, ChunkChecksums chunks) throws IOException {
    CRC32C crc = new CRC32C();
    int end = into.limit();
    int begin = into.position();
    int sliceBytes = (int) chunks.alignedBytes(SLICE_BYTES);
    while (into.position() < end) {
      int from = into.position();
      into.limit(Math.min(end, from + sliceBytes));
      while (into.hasRemaining()) {
        if (channel.read(into, startBytes + into.position() - begin) < 0) {
          throw changed("size_now=" + channel.size());
        }
      }
      ByteBuffer slice = into.duplicate().flip().position(from);
      crc.update(slice.duplicate());
      chunks.add(startBytes + from - begin, slice);
    }
    into.limit(end).position(begin);
    return new Crc32c((int) crc.getValue());
  }

  /**
   * Fails if the file is no longer the one that was opened. Together with the read of exactly the
   * first size, this tells an append, a truncation and, by its time, an overwrite.
   */
  void requireUnchanged() throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    if (now.size() != sizeBytes || !now.lastModifiedTime().equals(lastModified)) {
      throw changed("size_now=" + now.size() + " modified_now=" + now.lastModifiedTime());
    }
  }

  private SourceChangedException changed(String now) {
    return new SourceChangedException(
        "file changed while it was read, nothing was committed: file="
            + file
            + " size_at_start="
            + sizeBytes
            + " modified_at_start="
            + lastModified
            + " "
            + now);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
