package io.takhin.tiered.store.throttled;

import static java.lang.Thread.State.TERMINATED;
import static java.lang.Thread.State.TIMED_WAITING;
import static java.lang.Thread.State.WAITING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(600)
final class RateLimitTest {
  private static final long MIB = 1 << 20;

  private final SteppedTime time = new SteppedTime();

  /** Who came out of the line, in this order. */
  private final List<String> passed = new CopyOnWriteArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 1000, 128 << 10, 16 * MIB})
  void theRateHoldsWhateverTheSizeOfThePieces(long pieceBytes) throws Exception {
    RateLimit limit = new RateLimit(10 * MIB, time);
    long pieces = 100 * MIB / pieceBytes / (pieceBytes == 1 ? 100 : 1);

    for (long piece = 0; piece < pieces; piece++) {
      limit.take(pieceBytes);
    }
    limit.take(0); // has to wait until the others are paid

    double expectedSeconds = pieces * pieceBytes / (10.0 * MIB);
    assertThat(time.seconds()).isCloseTo(expectedSeconds, within(expectedSeconds / 1000 + 1e-4));
  }

  @Test
  void aPauseLeavesCreditForATenthOfASecondAndNoMore() throws Exception {
    RateLimit limit = new RateLimit(10 * MIB, time);
    time.pass(3600);

    for (int second = 0; second < 10; second++) {
      limit.take(MIB);
    }

    // The credit pays for one, and the last one is not paid yet.
    assertThat(time.seconds() - 3600).isCloseTo(0.8, within(0.001));
  }

  @Test
  void aPieceThatIsLargerThanAnyCreditPassesAndTheNextOneWaitsForIt() throws Exception {
    RateLimit limit = new RateLimit(MIB, time);

    limit.take(600 * MIB);
    assertThat(time.seconds()).isZero();
    limit.take(1);

    assertThat(time.seconds()).isCloseTo(600, within(0.001));
  }

  @Test
  void withoutALimitNobodyWaitsAndNothingIsOwedLater() throws Exception {
    RateLimit limit = new RateLimit(RateLimit.UNLIMITED, time);

    limit.take(Long.MAX_VALUE);
    limit.set(MIB);
    limit.take(1);

    assertThat(time.seconds()).isZero();
  }

  @Test
  void smallOnesPassAtTheExpenseOfTheOthersButForNoMoreThanASecond() throws Exception {
    RateLimit limit = new RateLimit(MIB, time);

    limit.takeNow(MIB / 2);
    assertThat(time.seconds()).isZero();
    limit.take(1);
    assertThat(time.seconds()).isCloseTo(0.5, within(0.001));

    for (int i = 0; i < 1000; i++) {
      limit.takeNow(MIB / 2);
    }
    limit.take(1);
    assertThat(time.seconds()).isCloseTo(1.5, within(0.001));
  }

  @Test
  void smallOnesDoNotForgiveWhatIsOwed() throws Exception {
    RateLimit limit = new RateLimit(MIB, time);

    limit.take(100 * MIB);
    limit.takeNow(1);
    limit.take(1);

    assertThat(time.seconds()).isCloseTo(100, within(0.001));
  }

  @Test
  void thoseInLineAreServedInTheirOrder() throws Exception {
    StandingTime standing = new StandingTime();
    RateLimit limit = new RateLimit(MIB, standing);
    limit.take(10 * MIB);
    Thread first = taking(limit, "first", 5 * MIB);
    Thread second = taking(limit, "second", 5 * MIB);
    Thread third = taking(limit, "third", 5 * MIB);

    standing.passSeconds(11);
    limit.set(MIB); // wakes everybody
    await().until(() -> first.getState() == TERMINATED);
    assertThat(passed).containsExactly("first");

    standing.passSeconds(5);
    limit.set(MIB);
    await().until(() -> second.getState() == TERMINATED);
    standing.passSeconds(5);
    limit.set(MIB);
    third.join();
    assertThat(passed).containsExactly("first", "second", "third");
  }

  @Test
  void aChangeConcernsThoseInLineAtOnce() throws Exception {
    RateLimit limit = new RateLimit(1024, Waits.REAL);
    limit.take(1L << 40); // owes for thirty-four years
    Thread first = taking(limit, "first", MIB);
    Thread second = taking(limit, "second", MIB);

    limit.set(RateLimit.UNLIMITED);

    first.join();
    second.join();
    assertThat(passed).containsExactlyInAnyOrder("first", "second");
  }

  @Test
  void aRaisedRatePaysWhatIsOwedFaster() throws Exception {
    RateLimit limit = new RateLimit(1024, Waits.REAL);
    limit.take(1L << 30);
    Thread waiting = taking(limit, "waiting", 1);

    limit.set(1L << 40);

    waiting.join();
    assertThat(passed).containsExactly("waiting");
  }

  @Test
  void whoIsInterruptedLeavesTheLineAndTheNextTakesTheTurn() throws Exception {
    StandingTime standing = new StandingTime();
    RateLimit limit = new RateLimit(MIB, standing);
    limit.take(10 * MIB);
    Thread first = taking(limit, "first", 1000 * MIB);
    Thread second = taking(limit, "second", MIB);

    standing.passSeconds(11);
    first.interrupt();

    first.join();
    second.join();
    assertThat(passed).containsExactlyInAnyOrder("first interrupted", "second");
  }

  /** Starts a thread that takes, and returns when it waits. */
  private Thread taking(RateLimit limit, String name, long bytes) {
    Thread thread =
        new Thread(
            () -> {
              try {
                limit.take(bytes);
                passed.add(name);
              } catch (InterruptedException e) {
                passed.add(name + " interrupted");
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    await().until(() -> thread.getState() == WAITING || thread.getState() == TIMED_WAITING);
    return thread;
  }

  /** A clock that only the test moves; who waits, waits for a signal. */
  private static final class StandingTime implements Waits {
    private final AtomicLong nanos = new AtomicLong();

    void passSeconds(long seconds) {
      nanos.addAndGet(seconds * 1_000_000_000L);
    }

    @Override
    public long nanoTime() {
      return nanos.get();
    }

    @Override
    @SuppressWarnings("WaitNotInLoop") // The loop is the rate limit's.
    public void await(Condition condition, long waitNanos) throws InterruptedException {
      condition.await();
    }
  }
}
