package io.takhin.tiered.read;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.segment.ReadIndex;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A file of slots, each of which can hold one chunk. Numbers are big-endian:
 *
 * <pre>
 *    0           8  magic "TKHNSLAB"
 *    8           4  version, 1
 *   12           4  bytes of a slot, 131072
 *   16           4  number of slots, n
 *   20          44  zero
 *   64      64 × n  records, one for each slot
 *   data    131072 × n, from the next multiple of 4096 on
 *
 *   a record:
 *    0  4  magic "CHNK"; anything else: the slot is free
 *    4  4  CRC-32C of bytes 8 to 63
 *    8 16  name of the object
 *   24  4  number of the chunk in its object
 *   28  4  bytes of the chunk
 *   32  4  CRC-32C of the chunk
 *   36 28  zero
 * </pre>
 *
 * A record is written after its data and nothing is flushed, so after a power failure a record may
 * speak of data that is not there: its checksum says so when the chunk is next used.
 *
 * <p>Slots are taken and given back under the lock of {@link SlabStore}; reads and writes of
 * different slots go in parallel.
 */
final class Slab implements AutoCloseable {
  static final int RECORD_BYTES = 64;

  private static final long MAGIC = 0x544B484E534C4142L;
  private static final int VERSION = 1;
  private static final int HEADER_BYTES = 64;
  private static final int RECORD_MAGIC = 0x43484E4B;
  private static final int PAGE_BYTES = 4096;
  private static final int MAX_SLOTS = 1 << 16;

  private final Path file;
  private final int slots;
  private final BitSet used;

  /** Replaced when the interrupt of a thread that used it has closed it. */
  private volatile FileChannel channel;

  @GuardedBy("this")
  private boolean closed;

  /** What a slot holds, as its record says. */
  record Held(int slot, ChunkKey key, int lengthBytes, int checksum) {}

  private Slab(Path file, FileChannel channel, int slots) {
    this.file = file;
    this.channel = channel;
    this.slots = slots;
    this.used = new BitSet(slots);
  }

  static Slab create(Path file, int slots) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES + RECORD_BYTES * slots);
      header.putLong(MAGIC).putInt(VERSION).putInt(ReadIndex.CHUNK_BYTES).putInt(slots).rewind();
      writeFully(channel, header, 0);
      return new Slab(file, channel, slots);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Opens a slab of an earlier run. The slots of the records are taken.
   *
   * @throws IOException if it is no slab, or of another version
   */
  static Slab open(Path file, List<Held> held) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
      readFully(channel, header, 0);
      int slots = header.getInt(16);
      if (header.getLong(0) != MAGIC
          || header.getInt(8) != VERSION
          || header.getInt(12) != ReadIndex.CHUNK_BYTES
          || slots < 1
          || slots > MAX_SLOTS) {
        throw new IOException("not a slab of version " + VERSION + ": file=" + file);
      }
      Slab slab = new Slab(file, channel, slots);
      slab.loadRecords(held);
      return slab;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private void loadRecords(List<Held> held) throws IOException {
    ByteBuffer table = ByteBuffer.allocate(RECORD_BYTES * slots);
    readFully(channel, table, HEADER_BYTES);
    for (int slot = 0; slot < slots; slot++) {
      ByteBuffer record = table.slice(slot * RECORD_BYTES, RECORD_BYTES);
      int length = record.getInt(28);
      boolean valid =
          record.getInt(0) == RECORD_MAGIC
              && record.getInt(4) == recordChecksum(record)
              && length > 0
              && length <= ReadIndex.CHUNK_BYTES;
      if (valid) {
        used.set(slot);
        held.add(
            new Held(
                slot,
                new ChunkKey(record.getLong(8), record.getLong(16), record.getInt(24)),
                length,
                record.getInt(32)));
      }
    }
  }

  private static int recordChecksum(ByteBuffer record) {
    CRC32C crc = new CRC32C();
    crc.update(record.slice(8, RECORD_BYTES - 8));
    return (int) crc.getValue();
  }

  /** The lowest free slot, now taken; -1 if there is none. */
  int take() {
    int slot = used.nextClearBit(0);
    if (slot >= slots) {
      return -1;
    }
    used.set(slot);
    return slot;
  }

  void giveBack(int slot) {
    used.clear(slot);
  }

  long capacityBytes() {
    return (long) slots * ReadIndex.CHUNK_BYTES;
  }

  int usedSlots() {
    return used.cardinality();
  }

  Path file() {
    return file;
  }

  /** Open, unless this is closed. */
  FileChannel channel() throws IOException {
    FileChannel now = channel;
    return now.isOpen() ? now : reopened();
  }

  private synchronized FileChannel reopened() throws IOException {
    if (!channel.isOpen() && !closed) {
      channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
    return channel;
  }

  long positionOf(int slot) {
    long table = HEADER_BYTES + (long) RECORD_BYTES * slots;
    long data = (table + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    return data + (long) slot * ReadIndex.CHUNK_BYTES;
  }

  /** Says on disk what the slot holds, after its data was written. */
  void record(Held held) throws IOException {
    ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES);
    record
        .putInt(0, RECORD_MAGIC)
        .putLong(8, held.key().nameHigh())
        .putLong(16, held.key().nameLow())
        .putInt(24, held.key().index())
        .putInt(28, held.lengthBytes())
        .putInt(32, held.checksum());
    record.putInt(4, recordChecksum(record));
    writeFully(channel(), record, recordAt(held.slot()));
  }

  /** Says on disk that the slot holds nothing. */
  void erase(int slot) throws IOException {
    writeFully(channel(), ByteBuffer.allocate(Integer.BYTES), recordAt(slot));
  }

  private static long recordAt(int slot) {
    return HEADER_BYTES + (long) RECORD_BYTES * slot;
  }

  static void writeFully(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  /** Fills the buffer up to its limit, and flips it. */
  static void readFully(FileChannel channel, ByteBuffer into, long position) throws IOException {
    long at = position;
    while (into.hasRemaining()) {
      int read = channel.read(into, at);
      if (read < 0) {
        throw new EOFException("file is shorter than it should be: position=" + at);
      }
      at += read;
    }
    into.flip();
  }

  /** Closes and deletes the file; for a slab without used slots. */
  void delete() throws IOException {
    close();
    Files.deleteIfExists(file);
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    channel.close();
  }
}
