package io.takhin.tiered.store.guarded;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Decides whether a store may be asked.
 *
 * <pre>
 *             so many calls in a row without an answer
 *   closed ──────────────────────────────────────────────▶ open ──┐ the pause has passed, one
 *     ▲                                                     │ ▲   │ probe is sent; no answer:
 *     └─────────────────────────────────────────────────────┘ └───┘ the next pause is longer
 *               a probe, or a late call, is answered
 * </pre>
 *
 * A pause lies between half of its step and the whole, at random, so that many processes do not
 * come back together, and so that the number of probes has a bound for certain. The step doubles up
 * to a longest one. It begins anew only after a call that is not a probe was answered: a store that
 * answers probes and nothing else is asked ever more seldom too.
 *
 * <p>Thread-safe; makes no call by itself.
 */
final class Circuit {
  private final int failuresToOpen;
  private final Duration firstPause;
  private final Duration longestPause;
  private final LongSupplier nanoTime;
  private final DoubleSupplier random;

  @GuardedBy("this")
  private int failuresInRow;

  /** Pauses begun since the last answer to a call. */
  @GuardedBy("this")
  private int pauses;

  @GuardedBy("this")
  private boolean open;

  @GuardedBy("this")
  private boolean probing;

  @GuardedBy("this")
  private long openSinceNanos;

  @GuardedBy("this")
  private long probeAtNanos;

  @GuardedBy("this")
  private String lastError = "";

  /**
   * @param nanoTime a clock that never goes back
   * @param random from 0 to 1
   */
  Circuit(
      int failuresToOpen,
      Duration firstPause,
      Duration longestPause,
      LongSupplier nanoTime,
      DoubleSupplier random) {
    this.failuresToOpen = failuresToOpen;
    this.firstPause = firstPause;
    this.longestPause = longestPause;
    this.nanoTime = nanoTime;
    this.random = random;
  }

  synchronized boolean isOpen() {
    return open;
  }

  /** Why the store is not asked now; empty if it may be. */
  synchronized Optional<String> refusal() {
    if (!open) {
      return Optional.empty();
    }
    long now = nanoTime.getAsLong();
    return Optional.of(
        "not asked, because it has not answered for "
            + Duration.ofNanos(now - openSinceNanos).toSeconds()
            + " s; next attempt in "
            + Duration.ofNanos(Math.max(0, probeAtNanos - now)).toMillis()
            + " ms; last error: "
            + lastError);
  }

  /**
   * A call was answered.
   *
   * @return whether this closed the circuit
   */
  synchronized boolean answered() {
    failuresInRow = 0;
    pauses = 0;
    return close();
  }

  @GuardedBy("this")
  private boolean close() {
    boolean was = open;
    open = false;
    return was;
  }

  /**
   * A call was not answered.
   *
   * @return whether this opened the circuit
   */
  synchronized boolean failed(String error) {
    lastError = error;
    failuresInRow++;
    if (open || failuresInRow < failuresToOpen) {
      return false;
    }
    open = true;
    openSinceNanos = nanoTime.getAsLong();
    pause();
    return true;
  }

  @GuardedBy("this")
  private void pause() {
    long step = firstPause.toNanos();
    for (int i = 0; i < pauses && step < longestPause.toNanos(); i++) {
      step *= 2;
    }
    step = Math.min(step, longestPause.toNanos());
    pauses++;
    long half = step / 2;
    probeAtNanos = nanoTime.getAsLong() + half + (long) (random.getAsDouble() * half);
  }

  /** How long until the next probe; 0 when it is due, or nothing is to be probed. */
  synchronized Duration untilProbe() {
    return open
        ? Duration.ofNanos(Math.max(0, probeAtNanos - nanoTime.getAsLong()))
        : Duration.ZERO;
  }

  /**
   * Gives the caller the probe, if the circuit is open, nobody else has it, and it is due.
   *
   * @param atOnce whether it is due whatever the pause says
   */
  synchronized boolean beginProbe(boolean atOnce) {
    boolean mine = open && !probing && (atOnce || nanoTime.getAsLong() - probeAtNanos >= 0);
    probing |= mine;
    return mine;
  }

  /**
   * The probe of {@link #beginProbe} was answered.
   *
   * @return whether this closed the circuit
   */
  synchronized boolean probeAnswered() {
    probing = false;
    failuresInRow = 0;
    return close();
  }

  /** The probe of {@link #beginProbe} was not answered. */
  synchronized void probeFailed(String error) {
    probing = false;
    lastError = error;
    pause();
  }
}
