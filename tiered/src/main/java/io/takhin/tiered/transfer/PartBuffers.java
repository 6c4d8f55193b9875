package io.takhin.tiered.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The memory that uploads go through: direct buffers within one budget for all of them, whatever
 * the number of files, their size and that of their parts. Who finds the budget used up waits.
 *
 * <p>A part that is larger than the whole budget is let in when nothing else is. Buffers that come
 * back are kept for the next ones until nothing was uploaded for a while. Not given back sooner:
 * the allocator would leave their memory in pieces, and the process would grow.
 */
final class PartBuffers {
  private static final long IDLE_SECONDS = 30;
  private static final long MIN_CAPACITY_BYTES = 64 << 10;

  private final long budgetBytes;
  private final IntFunction<ByteBuffer> allocator;
  private final Executor later;

  @GuardedBy("this")
  private final Deque<ByteBuffer> free = new ArrayDeque<>();

  @GuardedBy("this")
  private long usedBytes;

  @GuardedBy("this")
  private long freeBytes;

  /** How many buffers were given out so far; tells whether any was since a look. */
  @GuardedBy("this")
  private long acquisitions;

  /** Whether a look for idleness is due to come. */
  @GuardedBy("this")
  private boolean looking;

  PartBuffers(long budgetBytes) {
    this(
        budgetBytes,
        ByteBuffer::allocateDirect,
        CompletableFuture.delayedExecutor(IDLE_SECONDS, TimeUnit.SECONDS));
  }

  /**
   * @param allocator makes a buffer of a capacity
   * @param later runs something after the time for which idle buffers are kept
   */
  PartBuffers(long budgetBytes, IntFunction<ByteBuffer> allocator, Executor later) {
    this.budgetBytes = budgetBytes;
    this.allocator = allocator;
    this.later = later;
  }

  /**
   * Memory for so many parts of the size, but no more than half of what this JVM allows for direct
   * buffers: the rest is for its sockets and files, and for whoever embeds us.
   */
  static PartBuffers forParts(int parts, long partSizeBytes) {
    long half = maxDirectMemoryBytes() / 2;
    return new PartBuffers(Math.max(partSizeBytes, Math.min(parts * partSizeBytes, half)));
  }

  /** By default the limit is that of the heap, which the JVM tells as 0. */
  private static long maxDirectMemoryBytes() {
    HotSpotDiagnosticMXBean jvm =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    long bytes =
        jvm == null ? 0 : Long.parseLong(jvm.getVMOption("MaxDirectMemorySize").getValue());
    return bytes == 0 ? Runtime.getRuntime().maxMemory() : bytes;
  }

  long budgetBytes() {
    return budgetBytes;
  }

  /**
   * An empty buffer with the limit at the size; the caller owns it until {@link #release}. Waits
   * for others to release theirs.
   */
  ByteBuffer acquire(long sizeBytes) throws InterruptedException {
    int capacity = Math.toIntExact(Math.max(MIN_CAPACITY_BYTES, sizeBytes));
    synchronized (this) {
      while (usedBytes > 0 && usedBytes + capacity > budgetBytes) {
        wait();
      }
      acquisitions++;
      ByteBuffer kept = takeKept(capacity);
      if (kept != null) {
        return kept.clear().limit((int) sizeBytes);
      }
      usedBytes += capacity;
      dropKeptBeyond(budgetBytes - usedBytes);
    }
    try {
      return allocator.apply(capacity).limit((int) sizeBytes);
    } catch (OutOfMemoryError e) {
      giveUp(capacity); // Others of this process use direct memory, too.
      throw e;
    }
  }

  private synchronized void giveUp(int capacity) {
    usedBytes -= capacity;
    notifyAll();
  }

  /**
   * Gives a buffer back.
   *
   * @param buffer from {@link #acquire}, and used no more
   */
  synchronized void release(ByteBuffer buffer) {
    usedBytes -= buffer.capacity();
    free.addFirst(buffer);
    freeBytes += buffer.capacity();
    dropKeptBeyond(budgetBytes - usedBytes);
    if (usedBytes == 0 && !looking) {
      lookLater();
    }
    notifyAll();
  }

  @GuardedBy("this")
  private void lookLater() {
    looking = true;
    long seen = acquisitions;
    later.execute(() -> dropIfIdleSince(seen));
  }

  private synchronized void dropIfIdleSince(long seenAcquisitions) {
    looking = false;
    if (acquisitions == seenAcquisitions) {
      free.clear();
      freeBytes = 0;
    } else if (usedBytes == 0) {
      lookLater();
    }
  }

  /** One that fits, and does not waste more than its half. */
  @GuardedBy("this")
  private @Nullable ByteBuffer takeKept(int capacity) {
    for (Iterator<ByteBuffer> kept = free.iterator(); kept.hasNext(); ) {
      ByteBuffer buffer = kept.next();
      boolean fits = buffer.capacity() >= capacity && buffer.capacity() / 2 <= capacity;
      if (fits && (usedBytes == 0 || usedBytes + buffer.capacity() <= budgetBytes)) {
        kept.remove();
        freeBytes -= buffer.capacity();
        usedBytes += buffer.capacity();
        return buffer;
      }
    }
    return null;
  }

  /** The memory of a dropped buffer is given back by the garbage collector. */
  @GuardedBy("this")
  private void dropKeptBeyond(long limitBytes) {
    while (freeBytes > Math.max(0, limitBytes)) {
      freeBytes -= free.removeLast().capacity();
    }
  }
}
