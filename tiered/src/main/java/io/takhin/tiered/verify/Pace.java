package io.takhin.tiered.verify;

import java.time.Duration;

/**
 * What a run may take of the store and the disks: told of each request and each byte, and waits
 * where that is too fast.
 */
interface Pace {
  /**
   * Before requests are sent.
   *
   * @throws InterruptedException if the run is to end
   */
  void requests(int count) throws InterruptedException;

  /**
   * After bytes were read, from the store or a local disk.
   *
   * @throws InterruptedException if the run is to end
   */
  void bytes(long count) throws InterruptedException;

  /**
   * Lets time pass.
   *
   * @throws InterruptedException if the run is to end
   */
  void pause(Duration time) throws InterruptedException;
}
