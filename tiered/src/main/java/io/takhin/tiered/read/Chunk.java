package io.takhin.tiered.read;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A chunk on the local disk. Its slot stays its own for as long as somebody has it: the cache, from
 * its arrival until it is evicted, and each reader between {@link #pin} and {@link #unpin}. The
 * last one gives the slot back. Any thread.
 */
final class Chunk {
  /** Small, because each thread that reads has one. */
  private static final int SLICE_BYTES = 32 << 10;

  private static final ThreadLocal<ByteBuffer> SLICE =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(SLICE_BYTES));

  private final ChunkKey key;
  private final SlabStore store;
  private final Slab slab;
  private final int slot;
  private final int lengthBytes;
  private final int checksum;

  /** One for the cache, one for each reader; 0 is final. */
  private final AtomicInteger holders = new AtomicInteger(1);

  /** Fetched and not asked for yet. */
  private final AtomicBoolean staged;

  /** When its bytes were last compared, or arrived; written by whoever did it. */
  private volatile long verifiedNanos;

  /** Whom its eviction is counted for; null while nobody has read it since the start. */
  private volatile ReadMeters.@Nullable ByTopic readers;

  /** Whether the bytes were compared, or arrived, since the start of this process. */
  private volatile boolean verified;

  private Chunk(
      ChunkKey key,
      SlabStore store,
      SlabStore.Slot place,
      int lengthBytes,
      int checksum,
      boolean isStaged) {
    this.key = key;
    this.store = store;
    this.slab = place.slab();
    this.slot = place.index();
    this.lengthBytes = lengthBytes;
    this.checksum = checksum;
    this.staged = new AtomicBoolean(isStaged);
  }

  /** One that was just fetched. */
  static Chunk arrived(
      ChunkKey key, SlabStore store, SlabStore.Slot place, int lengthBytes, int checksum) {
    return new Chunk(key, store, place, lengthBytes, checksum, true);
  }

  /** One that an earlier run has left, as its record says. */
  static Chunk found(SlabStore store, SlabStore.Slot place, Slab.Held held) {
    return new Chunk(held.key(), store, place, held.lengthBytes(), held.checksum(), false);
  }

  ChunkKey key() {
    return key;
  }

  Slab slab() {
    return slab;
  }

  int lengthBytes() {
    return lengthBytes;
  }

  int checksum() {
    return checksum;
  }

  FileChannel channel() throws IOException {
    return slab.channel();
  }

  /** Where its first byte is in the slab's file. */
  long positionBytes() {
    return slab.positionOf(slot);
  }

  boolean isStaged() {
    return staged.get();
  }

  /** True for the one caller who is to move the chunk on, or away. */
  boolean endStaging() {
    return staged.compareAndSet(true, false);
  }

  /** The topic that it belongs to, which its record on disk does not say. */
  void setReaders(ReadMeters.ByTopic topic) {
    readers = topic;
  }

  ReadMeters.@Nullable ByTopic readers() {
    return readers;
  }

  /** Keeps the chunk until {@link #unpin}; false if it is gone already. */
  boolean pin() {
    int now = holders.get();
    while (now > 0) {
      if (holders.compareAndSet(now, now + 1)) {
        return true;
      }
      now = holders.get();
    }
    return false;
  }

  void unpin() {
    if (holders.decrementAndGet() == 0) {
      store.giveBack(slab, slot);
    }
  }

  void setVerified(long nowNanos) {
    verifiedNanos = nowNanos;
    verified = true;
  }

  boolean isVerifiedSince(long nanos) {
    return verified && verifiedNanos - nanos >= 0;
  }

  /** Reads the bytes and compares them with their checksum. For who has it pinned. */
  boolean isIntact() throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer slice = SLICE.get();
    for (int at = 0; at < lengthBytes; at += SLICE_BYTES) {
      slice.clear().limit(Math.min(SLICE_BYTES, lengthBytes - at));
      Slab.readFully(channel(), slice, positionBytes() + at);
      crc.update(slice);
    }
    return (int) crc.getValue() == checksum;
  }

  /** Says on disk that the slot is free, so that the next start does not take it up again. */
  void erase() throws IOException {
    slab.erase(slot);
  }
}
