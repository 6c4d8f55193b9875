package io.takhin.tiered.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
final class FetchLanesTest {
  private static final int MANY = 1000;

  private final FetchLanes lanes = new FetchLanes("test-read", 4);
  private final Semaphore gate = new Semaphore(0);
  private final List<String> begun = new CopyOnWriteArrayList<>();
  private final List<String> refused = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    gate.release(MANY);
    lanes.close();
  }

  /** Notes that it has begun and waits for the gate. */
  private FetchLanes.Task task(String name) {
    return new FetchLanes.Task() {
      @Override
      public void run() {
        begun.add(name);
        try {
          boolean unused = gate.tryAcquire(3, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }

      @Override
      public void refuse() {
        refused.add(name);
      }
    };
  }

  private void submit(String name, boolean isAhead) {
    assertThat(lanes.submit(task(name), isAhead)).isTrue();
  }

  @Test
  void readAheadLeavesAThreadForReaders() {
    // Given more to read ahead than there are threads
    for (int i = 0; i < 10; i++) {
      submit("ahead", true);
    }
    Awaitility.await().until(() -> begun.size() == 3);

    // When a reader comes
    submit("reader", false);

    // Then it does not wait
    Awaitility.await().until(() -> begun.contains("reader"));
    assertThat(begun).hasSize(4);
  }

  @Test
  void readersGoBeforeReadAheadAndAPromotedTaskWithThem() {
    // Given all threads busy, and a queue of both kinds
    for (int i = 0; i < 4; i++) {
      submit("busy", false);
    }
    Awaitility.await().until(() -> begun.size() == 4);
    submit("ahead-1", true);
    FetchLanes.Task wanted = task("ahead-2");
    assertThat(lanes.submit(wanted, true)).isTrue();
    submit("reader", false);
    lanes.promote(wanted);

    // When threads become free, one after the other, so that what begins is noted in its order
    for (int next = 5; next <= 7; next++) {
      int size = next;
      gate.release();
      Awaitility.await().until(() -> begun.size() == size);
    }

    // Then
    assertThat(begun.indexOf("reader")).isLessThan(begun.indexOf("ahead-1"));
    assertThat(begun.indexOf("ahead-2")).isLessThan(begun.indexOf("ahead-1"));
  }

  @Test
  void whatWaitsAtTheCloseIsRefusedAndNothingIsTakenAfterIt() {
    for (int i = 0; i < 4; i++) {
      submit("busy", false);
    }
    Awaitility.await().until(() -> begun.size() == 4);
    submit("late", false);
    submit("later", true);

    lanes.close();

    assertThat(refused).containsExactlyInAnyOrder("late", "later");
    assertThat(lanes.submit(task("too late"), false)).isFalse();
  }
}
