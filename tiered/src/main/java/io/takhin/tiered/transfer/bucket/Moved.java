package io.takhin.tiered.transfer.bucket;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes of one attempt at one object: shown while they move, and taken back if it fails. */
final class Moved implements AutoCloseable {
  private final Tally tally;
  private final AtomicLong bytes = new AtomicLong();

  Moved(Tally tally) {
    this.tally = tally;
  }

  void add(long moved) {
    bytes.addAndGet(moved);
    tally.moved(moved);
  }

  /** The attempt was a success; what was moved stays moved. */
  void keep() {
    bytes.set(0);
  }

  @Override
  public void close() {
    tally.movedBytes.addAndGet(-bytes.getAndSet(0));
  }
}
