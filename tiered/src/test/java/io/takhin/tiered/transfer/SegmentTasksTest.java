package io.takhin.tiered.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.transfer.SegmentTasks.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
final class SegmentTasksTest {
  private static final SegmentId ID = SegmentId.of("orders", 0, 0);
  private static final SegmentId OTHER = SegmentId.of("orders", 0, 100);

  private final SegmentTasks<String> tasks = new SegmentTasks<>();
  private final Workers workers = new Workers("test", 2, 2);
  private final CountDownLatch gate = new CountDownLatch(1);

  @AfterEach
  void close() {
    gate.countDown();
    workers.close();
  }

  private String passGate(String result) throws InterruptedException {
    gate.await();
    return result;
  }

  private static String recorded(List<String> order, String result) {
    order.add(result);
    return result;
  }

  @Test
  void callersOfTheSameKindShareOneRun() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    List<CompletableFuture<String>> callers = new ArrayList<>();
    for (int caller = 0; caller < 50; caller++) {
      callers.add(
          tasks.run(ID, Kind.RESTORE, workers, () -> passGate("run " + runs.incrementAndGet())));
    }

    gate.countDown();

    for (CompletableFuture<String> caller : callers) {
      assertThat(caller.get()).isEqualTo("run 1");
    }
    assertThat(tasks.size()).isZero();
  }

  @Test
  void anotherKindWaitsForItsTurn() throws Exception {
    List<String> order = new CopyOnWriteArrayList<>();
    var first = tasks.run(ID, Kind.ARCHIVE, workers, () -> recorded(order, passGate("archive")));
    var second = tasks.run(ID, Kind.RECLAIM, workers, () -> recorded(order, "reclaim"));
    assertThat(second).isNotDone();

    gate.countDown();
    CompletableFuture.allOf(first, second).get();

    assertThat(order).containsExactly("archive", "reclaim");
  }

  @Test
  void otherSegmentsDoNotWait() throws Exception {
    var blocked = tasks.run(ID, Kind.ARCHIVE, workers, () -> passGate("slow"));

    assertThat(tasks.run(OTHER, Kind.ARCHIVE, workers, () -> "fast").get()).isEqualTo("fast");

    assertThat(blocked).isNotDone();
  }

  @Test
  void failureReachesEveryWaiterAndTheNextCallStartsAnew() throws Exception {
    IllegalStateException failure = new IllegalStateException("injected");
    var one =
        tasks.run(
            ID,
            Kind.RESTORE,
            workers,
            () -> {
              passGate("");
              throw failure;
            });
    var two = tasks.run(ID, Kind.RESTORE, workers, () -> "not run");
    gate.countDown();
    assertThatThrownBy(one::get).hasCause(failure);
    assertThatThrownBy(two::get).hasCause(failure);

    assertThat(tasks.run(ID, Kind.RESTORE, workers, () -> "anew").get()).isEqualTo("anew");
  }

  @Test
  void turnAfterAFailureComesAllTheSame() throws Exception {
    var first =
        tasks.run(
            ID,
            Kind.ARCHIVE,
            workers,
            () -> {
              passGate("");
              throw new AssertionError("injected");
            });
    var second = tasks.run(ID, Kind.DELETE, workers, () -> "deleted");

    gate.countDown();

    assertThat(second.get()).isEqualTo("deleted");
    assertThatThrownBy(first::get).hasMessageContaining("injected");
  }

  @Test
  void cancellingOneCallerLeavesTheOthersAlone() throws Exception {
    var impatient = tasks.run(ID, Kind.RESTORE, workers, () -> passGate("restored"));
    var patient = tasks.run(ID, Kind.RESTORE, workers, () -> "not run");

    impatient.cancel(true);
    gate.countDown();

    assertThat(patient.get()).isEqualTo("restored");
  }

  @Test
  void fullQueueRefusesInsteadOfGrowing() throws Exception {
    List<CompletableFuture<String>> accepted = new ArrayList<>();
    for (int offset = 0; offset < 4; offset++) { // two run, two wait
      accepted.add(
          tasks.run(
              SegmentId.of("orders", 0, offset), Kind.ARCHIVE, workers, () -> passGate("done")));
    }

    var refused = tasks.run(OTHER, Kind.ARCHIVE, workers, () -> "not run");

    assertThatThrownBy(refused::get).hasCauseInstanceOf(SegmentBusyException.class);
    gate.countDown();
    for (CompletableFuture<String> future : accepted) {
      assertThat(future.get()).isEqualTo("done");
    }
  }

  @Test
  void closingTellsThoseWhoWait() throws Exception {
    List<CompletableFuture<String>> waiting = new ArrayList<>();
    for (int offset = 0; offset < 4; offset++) {
      waiting.add(
          tasks.run(
              SegmentId.of("orders", 0, offset), Kind.ARCHIVE, workers, () -> passGate("done")));
    }
    var turn = tasks.run(SegmentId.of("orders", 0, 0), Kind.RECLAIM, workers, () -> "not run");
    Thread closer = new Thread(workers::close, "closer");
    closer.start();
    // The two in the queue are told although the two that run still hold the threads.
    assertThatThrownBy(() -> waiting.get(3).get(3, TimeUnit.MINUTES))
        .hasCauseInstanceOf(SegmentBusyException.class)
        .hasMessageContaining("closing");

    gate.countDown();
    closer.join();

    assertThatThrownBy(turn::get).hasCauseInstanceOf(SegmentBusyException.class);
    assertThat(tasks.size()).isZero();
  }

  @Test
  void settledWaitsForWhatIsUnderWayAndNeverFails() throws Exception {
    assertThat(tasks.settled(ID)).isCompleted();
    var failing =
        tasks.run(
            ID,
            Kind.RECLAIM,
            workers,
            () -> {
              passGate("");
              throw new IllegalStateException("injected");
            });
    var settled = tasks.settled(ID);
    assertThat(settled).isNotDone();

    gate.countDown();

    assertThat(settled.get()).isNull();
    assertThatThrownBy(failing::get).hasMessageContaining("injected");
  }
}
