package io.takhin.broker.net;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/**
 * Bounds the memory of all requests that are being read or answered. Small requests pass freely, so
 * that heartbeats do not wait for uploads; their number is bounded by that of connections.
 */
final class RequestMemory {
  private static final int FREE_BYTES = 64 * 1024;

  private final long limitBytes;

  @GuardedBy("this")
  private long usedBytes;

  RequestMemory(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Waits until there is room. A single request always fits once nothing else is held. */
  synchronized void take(int bytes) throws InterruptedException {
    if (bytes <= FREE_BYTES) {
      return;
    }
    while (usedBytes > 0 && usedBytes + bytes > limitBytes) {
      wait();
    }
    usedBytes += bytes;
  }

  synchronized void giveBack(int bytes) {
    if (bytes > FREE_BYTES) {
      usedBytes -= bytes;
      notifyAll();
    }
  }
}
