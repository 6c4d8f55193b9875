package io.takhin.tiered.verify;

import java.time.Duration;

/** Time that passes only by pausing, and ends after so many pauses. */
final class SteppedPauses implements Pauses {
  private long nanos;
  private int pausesLeft;

  SteppedPauses(int pauses) {
    this.pausesLeft = pauses;
  }

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public void pause(Duration time) throws InterruptedException {
    if (pausesLeft-- <= 0) {
      throw new InterruptedException("the test is over");
    }
    nanos += time.toNanos();
  }
}
