package io.takhin.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ColdPaceTest {
  private static final long FLOOR = 16 << 20;
  private static final int PIECE = 128 << 10;
  private static final long LATE = ColdPace.LATE_NANOS + 1;
  private static final double TICKS_PER_SECOND = 1000.0 / ColdPace.TICK_MILLIS;

  private final AtomicLong now = new AtomicLong(1_000_000_000_000L);
  private final ColdPace pace = new ColdPace(now::get, FLOOR);

  @AfterEach
  void close() {
    pace.close();
  }

  /** Readers take what they are given while the watch wakes late so many times in 100. */
  private long send(double seconds, int latePercent) {
    long sent = 0;
    long freeNanos = now.get();
    int ticks = (int) (seconds * TICKS_PER_SECOND);
    for (int tick = 0; tick < ticks; tick++) {
      now.addAndGet(TimeUnit.MILLISECONDS.toNanos(ColdPace.TICK_MILLIS));
      pace.produced();
      // At most a piece for each 100 µs, as if the machine could do no more.
      for (int piece = 0; piece < 50 && freeNanos <= now.get(); piece++) {
        freeNanos = now.get() + pace.turn(PIECE, now.get());
        sent += PIECE;
      }
      pace.woke(now.get(), tick % 100 < latePercent ? LATE : 0);
    }
    return sent;
  }

  @Test
  void nobodyWaitsWhileNobodyProduces() {
    for (int i = 0; i < 1000; i++) {
      assertThat(pace.turn(PIECE, now.get())).isZero();
    }
    assertThat(pace.woke(now.get(), LATE)).isFalse();
  }

  @Test
  void aProducerWhoIsNotHurtSlowsNobodyForLong() {
    send(4, 0);

    assertThat(pace.bytesPerSecond()).isGreaterThan(1e9);
  }

  @Test
  void whatHurtsTheProducerGoesSlowerAtOnceAndNeverBelowTheFloor() {
    send(4, 0);
    double before = pace.bytesPerSecond();

    send(1, 10);
    assertThat(pace.bytesPerSecond()).isLessThan(before / 4);

    send(5, 10);
    assertThat(pace.bytesPerSecond()).isEqualTo(FLOOR);
    assertThat(send(4, 10)).isBetween(FLOOR * 3, FLOOR * 5);
  }

  @Test
  void lateWakeUpsThatDoNotMoveThePercentileSlowNobody() {
    send(4, 0);
    double before = pace.bytesPerSecond();

    now.addAndGet(1);
    pace.woke(now.get(), LATE);

    assertThat(pace.bytesPerSecond()).isGreaterThanOrEqualTo(before);
  }

  @Test
  void itGoesFasterAgainWhenTheProducerIsNotHurtAnyMore() {
    send(4, 0);
    send(1, 10);
    double slow = pace.bytesPerSecond();

    send(20, 0);

    assertThat(pace.bytesPerSecond()).isGreaterThan(slow * 2);
  }

  @Test
  void whatIsReadAheadIsTakenInAtThePaceToo() {
    pace.produced();
    pace.turn(PIECE, now.get());
    long pieceNanos = (long) (PIECE * 1e9 / (FLOOR * ColdPace.FETCHED_PER_SENT));

    assertThat(pace.fetchTurn(PIECE, now.get())).isZero();
    assertThat(pace.fetchTurn(PIECE, now.get())).isEqualTo(pieceNanos);
    assertThat(pace.fetchTurn(PIECE, now.get())).isEqualTo(2 * pieceNanos);
  }

  @Test
  void whatIsReadAheadIsNotHeldBackWhileNobodyProducesOrNothingIsSent() {
    for (int i = 0; i < 1000; i++) {
      assertThat(pace.fetchTurn(PIECE, now.get())).isZero();
    }
    pace.produced();
    for (int i = 0; i < 1000; i++) {
      assertThat(pace.fetchTurn(PIECE, now.get())).isZero();
    }
  }

  @Test
  void noPieceOfVeryManyWaitsForLong() {
    pace.produced();
    for (int i = 0; i < 10_000; i++) {
      assertThat(pace.turn(PIECE, now.get())).isLessThanOrEqualTo(ColdPace.LONGEST_WAIT_NANOS);
    }
  }

  @Test
  void thePaceIsKeptByThoseWhoWait() throws Exception {
    ColdPace real = new ColdPace(System::nanoTime, 1 << 20);
    real.produced();
    long beganNanos = System.nanoTime();

    for (int i = 0; i < 8; i++) {
      real.await(16 << 10); // 16 ms each at the floor, which is where it begins
    }

    assertThat(System.nanoTime() - beganNanos).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(60));
    real.close();
  }
}
