package io.takhin.kafka.copy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.InterruptedIOException;

/**
 * The heap that index objects take while they are made and sent, over all copies together. Who
 * finds it used up waits; an object that is larger than all of it is let in when no other is.
 */
final class IndexMemory {
  private final long budgetBytes;

  @GuardedBy("this")
  private long usedBytes;

  IndexMemory(long budgetBytes) {
    this.budgetBytes = budgetBytes;
  }

  /** Waits for room; {@link #release} gives it back. */
  synchronized void acquire(long bytes) throws InterruptedIOException {
    try {
      while (usedBytes > 0 && usedBytes + bytes > budgetBytes) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for memory: bytes=" + bytes);
    }
    usedBytes += bytes;
  }

  synchronized void release(long bytes) {
    usedBytes -= bytes;
    notifyAll();
  }

  synchronized long usedBytes() {
    return usedBytes;
  }
}
