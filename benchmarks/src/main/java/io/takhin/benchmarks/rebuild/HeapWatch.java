package io.takhin.benchmarks.rebuild;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;

/**
 * How far the heap grows above what it holds now, garbage included: the JVM's own peaks of its heap
 * pools, added up, so an upper bound.
 */
final class HeapWatch {
  private final long beforeBytes;

  private HeapWatch(long beforeBytes) {
    this.beforeBytes = beforeBytes;
  }

  static HeapWatch begin() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      pool.resetPeakUsage();
    }
    return new HeapWatch(memory.getHeapMemoryUsage().getUsed());
  }

  long peakBytes() {
    long peak = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP) {
        peak += pool.getPeakUsage().getUsed();
      }
    }
    return Math.max(0, peak - beforeBytes);
  }
}
