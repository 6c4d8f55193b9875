package io.takhin.benchmarks.coldread;

import java.util.ArrayList;
import java.util.List;

/** Threads that use the processor for nothing, and touch no broker. */
final class Burners implements Load {
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean isEnding;

  private Burners() {}

  static Burners start(int count) {
    Burners burners = new Burners();
    for (int i = 0; i < count; i++) {
      Thread thread = new Thread(burners::burn, "burner-" + i);
      thread.setDaemon(true);
      thread.start();
      burners.threads.add(thread);
    }
    return burners;
  }

  private void burn() {
    while (!isEnding) {
      Thread.onSpinWait();
    }
  }

  @Override
  public double megabytesPerSecond() {
    return 0;
  }

  @Override
  public void close() {
    isEnding = true;
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
