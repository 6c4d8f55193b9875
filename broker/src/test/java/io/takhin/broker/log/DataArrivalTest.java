package io.takhin.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DataArrivalTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private final DataArrival arrival = new DataArrival();

  private CompletableFuture<Void> waitFor(long bytes, Duration atMost) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            arrival.await(bytes, System.nanoTime() + atMost.toNanos());
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void bytesAddUpUntilTheyAreEnough() throws Exception {
    // Given
    CompletableFuture<Void> waiting = waitFor(100, LONG);

    // When
    arrival.arrived(60);
    assertThat(waiting).isNotDone();
    arrival.arrived(40);

    // Then
    waiting.get(3, TimeUnit.MINUTES);
  }

  @Test
  void aWakeEndsTheWaitAlsoWhenItComesFirst() throws Exception {
    arrival.wake();

    waitFor(100, LONG).get(3, TimeUnit.MINUTES);
  }

  @Test
  void theDeadlineEndsTheWait() throws Exception {
    waitFor(100, Duration.ofMillis(20)).get(3, TimeUnit.MINUTES);
  }
}
