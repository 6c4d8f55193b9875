package io.takhin.tiered.transfer.bucket;

import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;

/**
 * All the payload memory of a run: chunks that are made when first needed, used again, and bounded
 * by their number. Who asks for more than a chunk waits until as much is free; who asks for more
 * than there is gets it alone.
 *
 * <p>Nobody who holds a buffer asks for another, so waiting cannot end in a deadlock. The queue is
 * fair, so that large requests are not overtaken for ever.
 */
final class ChunkBuffers {
  private static final long UNIT_BYTES = 1024; // so that the permits of 256 GiB are an int

  private final int chunkBytes;
  private final int units;
  private final Semaphore free;
  private final ConcurrentLinkedDeque<ByteBuffer> idle = new ConcurrentLinkedDeque<>();

  ChunkBuffers(long chunkBytes, int count) {
    this.chunkBytes = Math.toIntExact(chunkBytes);
    this.units = Math.toIntExact(chunkBytes / UNIT_BYTES * count);
    this.free = new Semaphore(units, true);
  }

  /** A buffer with that many bytes between position 0 and limit; the caller's until closed. */
  Lease take(long bytes) throws InterruptedIOException {
    int wanted = (int) Math.min(units, (Math.max(bytes, chunkBytes) + UNIT_BYTES - 1) / UNIT_BYTES);
    try {
      free.acquire(wanted);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for memory");
    }
    ByteBuffer buffer = bytes > chunkBytes ? null : idle.poll();
    if (buffer == null) {
      buffer = make(bytes, wanted);
    }
    return new Lease(buffer.clear().limit((int) bytes), wanted);
  }

  /** Chunks are kept for use again; what is larger goes back to the heap. */
  private ByteBuffer make(long bytes, int wanted) {
    boolean made = false;
    try {
      if (bytes > chunkBytes) {
        idle.clear(); // Chunks that nobody uses would come on top of the bound.
      }
      ByteBuffer buffer =
          bytes > chunkBytes
              ? ByteBuffer.allocate(Math.toIntExact(bytes))
              : ByteBuffer.allocateDirect(chunkBytes);
      made = true;
      return buffer;
    } finally {
      if (!made) {
        free.release(wanted);
      }
    }
  }

  /** Bytes that are lent or could be lent at once. */
  long boundBytes() {
    return units * UNIT_BYTES;
  }

  /** A buffer on loan; give it back by closing, once. */
  final class Lease implements AutoCloseable {
    private final ByteBuffer buffer;
    private final int taken;

    private Lease(ByteBuffer buffer, int taken) {
      this.buffer = buffer;
      this.taken = taken;
    }

    ByteBuffer buffer() {
      return buffer;
    }

    @Override
    public void close() {
      if (buffer.capacity() == chunkBytes) {
        idle.push(buffer);
      }
      free.release(taken);
    }
  }
}
