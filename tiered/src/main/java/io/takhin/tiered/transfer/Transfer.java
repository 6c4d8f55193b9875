package io.takhin.tiered.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.transfer.TransferStatus.Direction;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One object on its way: what it has moved, and who works on it. Made and closed by {@link
 * RunningTransfers}; told of its progress by the threads that move its parts.
 */
final class Transfer {
  static final long UNKNOWN_SIZE = -1;

  private final long id;
  private final Direction direction;
  private final ObjectKey key;
  private final Purpose purpose;
  private final long totalBytes;
  private final long startedMillis;
  private final AtomicLong doneBytes = new AtomicLong();
  private final RateMeter rate = new RateMeter(System.nanoTime());

  @GuardedBy("workers")
  private final Set<Thread> workers = new HashSet<>();

  @GuardedBy("workers")
  private boolean cancelled;

  /**
   * @param totalBytes or {@link #UNKNOWN_SIZE}
   */
  Transfer(
      long id,
      Direction direction,
      ObjectKey key,
      Purpose purpose,
      long totalBytes,
      long startedMillis) {
    this.id = id;
    this.direction = direction;
    this.key = key;
    this.purpose = purpose;
    this.totalBytes = totalBytes;
    this.startedMillis = startedMillis;
  }

  long id() {
    return id;
  }

  Direction direction() {
    return direction;
  }

  Purpose purpose() {
    return purpose;
  }

  long doneBytes() {
    return doneBytes.get();
  }

  /** Bytes arrived where they go. */
  void moved(long bytes) {
    doneBytes.addAndGet(bytes);
    rate.moved(bytes, System.nanoTime());
  }

  /** Bytes are there from an earlier attempt. */
  void resumed(long bytes) {
    doneBytes.addAndGet(bytes);
  }

  /**
   * The calling thread begins a part. Cancelling interrupts it from now on, until {@link #ended}.
   *
   * @throws TransferCancelledException if it is cancelled already
   */
  void begun() throws TransferCancelledException {
    synchronized (workers) {
      if (cancelled) {
        throw cancellation();
      }
      workers.add(Thread.currentThread());
    }
  }

  /** The calling thread's part is over; an interrupt that was meant for it is taken back. */
  void ended() {
    synchronized (workers) {
      workers.remove(Thread.currentThread());
      if (cancelled) {
        boolean unused = Thread.interrupted();
      }
    }
  }

  /** Interrupts the parts under way, and lets none begin. */
  void cancel() {
    synchronized (workers) {
      cancelled = true;
      workers.forEach(Thread::interrupt);
    }
  }

  boolean isCancelled() {
    synchronized (workers) {
      return cancelled;
    }
  }

  TransferCancelledException cancellation() {
    return new TransferCancelledException(
        "transfer cancelled: direction=" + direction + " key=" + key + " done_bytes=" + doneBytes);
  }

  TransferStatus status() {
    long done = doneBytes.get();
    long perSecond = rate.bytesPerSecond(System.nanoTime());
    Optional<Duration> remaining =
        totalBytes == UNKNOWN_SIZE || perSecond == 0
            ? Optional.empty()
            : Optional.of(
                Duration.ofMillis((long) ((totalBytes - done) * 1000.0 / (double) perSecond)));
    return new TransferStatus(
        id,
        direction,
        key,
        purpose,
        totalBytes == UNKNOWN_SIZE ? done : totalBytes,
        done,
        startedMillis,
        perSecond,
        remaining);
  }
}
