package io.takhin.tiered.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.transfer.TransferStatus.Direction;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
final class TransferPoolTest {
  private static final ObjectKey KEY = new ObjectKey("t-0/00000000000000000000.log");

  private final Precedence precedence = new Precedence();
  private final RunningTransfers running =
      new RunningTransfers(precedence, new SimpleMeterRegistry(), Clock.systemUTC());
  private final TransferPool uploads = new TransferPool("test-up", 4, precedence);
  private final List<Thread> callers = new ArrayList<>();
  private final TransferPool downloads = new TransferPool("test-down", 1, precedence);

  @AfterEach
  void close() {
    uploads.close();
    downloads.close();
  }

  private CompletableFuture<List<Integer>> run(
      TransferPool pool, Purpose purpose, int count, TransferPool.Part<Integer> part) {
    CompletableFuture<List<Integer>> outcome = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                outcome.complete(
                    running.track(
                        Direction.UPLOAD, KEY, purpose, 0, t -> pool.run(t, count, part)));
              } catch (IOException | RuntimeException e) {
                outcome.completeExceptionally(e);
              }
            });
    caller.setDaemon(true);
    caller.start();
    callers.add(caller);
    return outcome;
  }

  @Test
  void backgroundUploadsYieldToAForegroundDownloadButGoOn() throws Exception {
    // Given a foreground transfer under way
    CountDownLatch read = new CountDownLatch(1);
    CompletableFuture<List<Integer>> foreground =
        run(downloads, Purpose.foreground("fetch"), 1, index -> wait(read, index));
    await().until(() -> running.list().size() == 1);
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger mostAtOnce = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();

    // When a background one of many parts begins
    CompletableFuture<List<Integer>> background =
        run(
            uploads,
            Purpose.background("archive"),
            40,
            index -> {
              mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
              LockSupport.parkNanos(100_000); // so that others would overlap, if they were let
              atOnce.decrementAndGet();
              return done.incrementAndGet();
            });

    // Then its parts come one at a time, and all of them come
    assertThat(background.get()).hasSize(40);
    assertThat(mostAtOnce).hasValue(1);
    assertThat(foreground).isNotDone();
    read.countDown();
    foreground.get();
  }

  @Test
  void backgroundPartsRunTogetherWhenNobodyWaits() throws Exception {
    CountDownLatch together = new CountDownLatch(4);

    CompletableFuture<List<Integer>> background =
        run(
            uploads,
            Purpose.background("archive"),
            4,
            index -> {
              together.countDown();
              return wait(together, index);
            });

    assertThat(background.get()).containsExactly(0, 1, 2, 3);
  }

  @Test
  void foregroundPartsAreTakenFirst() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    Queue<String> order = new ConcurrentLinkedQueue<>();
    CompletableFuture<List<Integer>> holding =
        run(downloads, Purpose.foreground("holds the only worker"), 1, index -> wait(gate, index));
    await().until(() -> running.list().size() == 1);
    CompletableFuture<List<Integer>> background =
        run(downloads, Purpose.background("prefetch"), 1, index -> add(order, "background"));
    awaitAllWait();
    CompletableFuture<List<Integer>> foreground =
        run(downloads, Purpose.foreground("fetch"), 1, index -> add(order, "foreground"));
    awaitAllWait();
    assertThat(order).isEmpty();

    gate.countDown();

    holding.get();
    foreground.get();
    background.get();
    assertThat(order).containsExactly("foreground", "background");
  }

  @Test
  void cancellingInterruptsWhatIsUnderWayAndLetsNothingBegin() {
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    CompletableFuture<List<Integer>> outcome =
        run(
            uploads,
            Purpose.background("archive"),
            100,
            index -> {
              begun.incrementAndGet();
              return wait(never, index);
            });
    await().until(() -> begun.get() == 4);

    assertThat(running.cancel(running.list().get(0).id())).isTrue();

    assertThatThrownBy(outcome::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(TransferCancelledException.class)
        .hasMessageContaining("key=" + KEY);
    assertThat(begun).hasValue(4);
    assertThat(running.list()).isEmpty();
    assertThat(running.cancel(1)).isFalse();
  }

  /** Whoever waits for the end of its parts has handed them in. */
  private void awaitAllWait() {
    await()
        .until(
            () -> callers.stream().allMatch(caller -> caller.getState() == Thread.State.WAITING));
  }

  private static int wait(CountDownLatch latch, int index) throws InterruptedException {
    latch.await();
    return index;
  }

  private static int add(Queue<String> order, String name) {
    order.add(name);
    return order.size();
  }
}
