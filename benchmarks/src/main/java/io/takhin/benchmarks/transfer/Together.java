package io.takhin.benchmarks.transfer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs something for each of a few, all at the same time. */
public final class Together {
  private Together() {}

  /** What is done for each. */
  @FunctionalInterface
  public interface Work<T> {
    void run(T one) throws IOException;
  }

  /**
   * Returns when the last has ended.
   *
   * @throws IOException of the first in order that failed
   */
  public static <T> void run(Collection<T> all, Work<T> work) throws IOException {
    ExecutorService threads = Executors.newFixedThreadPool(all.size());
    try {
      List<Future<?>> running = new ArrayList<>();
      for (T one : all) {
        running.add(
            threads.submit(
                () -> {
                  work.run(one);
                  return null;
                }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("one of " + all.size() + " failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      threads.shutdownNow();
    }
  }
}
