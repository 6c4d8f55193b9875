package io.takhin.tiered.verify;

import java.time.Duration;

/** How a run tells time and lets it pass; replaced by tests. */
interface Pauses {
  /** A time in nanoseconds that means something only beside another. */
  long nanoTime();

  /**
   * Lets time pass.
   *
   * @throws InterruptedException if the run is to end
   */
  void pause(Duration time) throws InterruptedException;
}
