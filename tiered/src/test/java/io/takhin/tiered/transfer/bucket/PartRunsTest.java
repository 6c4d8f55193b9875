package io.takhin.tiered.transfer.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PartRunsTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7})
  void everyPartIsDoneOnce(int helpers) throws Exception {
    AtomicIntegerArray done = new AtomicIntegerArray(100);
    try (PartRuns runs = new PartRuns(helpers)) {
      runs.run(100, done::incrementAndGet);
    }
    for (int index = 0; index < 100; index++) {
      assertThat(done.get(index)).isEqualTo(1);
    }
  }

  @Test
  void partsRunAtTheSameTime() throws Exception {
    CyclicBarrier together = new CyclicBarrier(4);
    try (PartRuns runs = new PartRuns(3)) {
      runs.run(
          4,
          index -> {
            try {
              together.await(3, TimeUnit.MINUTES);
            } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
              throw new IOException(e);
            }
          });
    }
  }

  @Test
  void noPartBeginsAfterAFailure() {
    AtomicInteger begun = new AtomicInteger();
    try (PartRuns runs = new PartRuns(0)) {
      assertThatThrownBy(
              () ->
                  runs.run(
                      1_000,
                      index -> {
                        if (begun.incrementAndGet() == 3) {
                          throw new IOException("part " + index);
                        }
                      }))
          .isInstanceOf(IOException.class)
          .hasMessage("part 2");
    }
    assertThat(begun).hasValue(3);
  }

  @Test
  void aFailureIsToldAfterThePartsUnderWayHaveEnded() {
    AtomicInteger underWay = new AtomicInteger();
    CountDownLatch failing = new CountDownLatch(1);
    try (PartRuns runs = new PartRuns(2)) {
      assertThatThrownBy(
              () ->
                  runs.run(
                      3,
                      index -> {
                        underWay.incrementAndGet();
                        try {
                          if (index == 0) {
                            failing.countDown();
                            throw new IOException("part " + index);
                          }
                          failing.await();
                        } catch (InterruptedException e) {
                          throw new IOException(e);
                        } finally {
                          underWay.decrementAndGet();
                        }
                      }))
          .isInstanceOf(IOException.class)
          .hasMessage("part 0");
    }
    assertThat(underWay).hasValue(0);
  }

  @Test
  void anErrorOfAHelperReachesTheOwner() {
    try (PartRuns runs = new PartRuns(2)) {
      assertThatThrownBy(
              () ->
                  runs.run(
                      10,
                      index -> {
                        throw new AssertionError("defect");
                      }))
          .isInstanceOf(AssertionError.class);
    }
  }

  @Test
  void aRunOnAClosedPoolFails() {
    PartRuns runs = new PartRuns(2);
    runs.close();

    assertThatThrownBy(() -> runs.run(10, index -> {})).isInstanceOf(IOException.class);
  }
}
