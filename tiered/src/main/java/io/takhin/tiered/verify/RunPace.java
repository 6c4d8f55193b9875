package io.takhin.tiered.verify;

import java.time.Duration;

/** Counts what a run takes, and keeps it within two budgets. Any thread. */
final class RunPace implements Pace {
  private final Tally tally;
  private final TokenBucket requests;
  private final TokenBucket bytes;
  private final Pauses pauses;

  RunPace(Tally tally, TokenBucket requests, TokenBucket bytes, Pauses pauses) {
    this.tally = tally;
    this.requests = requests;
    this.bytes = bytes;
    this.pauses = pauses;
  }

  @Override
  public void requests(int count) throws InterruptedException {
    pauses.pause(Duration.ZERO); // Ends a run that nobody waits for any more.
    requests.take(count);
    tally.requests(count);
  }

  @Override
  public void bytes(long count) throws InterruptedException {
    pauses.pause(Duration.ZERO);
    tally.bytes(count);
    bytes.take(count);
  }

  @Override
  public void pause(Duration time) throws InterruptedException {
    pauses.pause(time);
  }
}
