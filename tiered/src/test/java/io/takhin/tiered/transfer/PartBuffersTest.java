package io.takhin.tiered.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
final class PartBuffersTest {
  private static final int PART = 1 << 20;

  private final PartBuffers buffers = new PartBuffers(3 * PART);

  private CompletableFuture<ByteBuffer> acquireLater(long bytes) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return buffers.acquire(bytes);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void whoFindsTheBudgetUsedUpWaits() throws Exception {
    ByteBuffer first = buffers.acquire(PART);
    ByteBuffer second = buffers.acquire(PART);
    ByteBuffer third = buffers.acquire(PART - 7);
    assertThat(third.remaining()).isEqualTo(PART - 7);

    CompletableFuture<ByteBuffer> fourth = acquireLater(PART);
    await().during(java.time.Duration.ofMillis(100)).until(() -> !fourth.isDone());
    buffers.release(second);

    assertThat(fourth.get()).isSameAs(second);
    assertThat(fourth.get()).isNotSameAs(first);
  }

  @Test
  void partLargerThanTheBudgetIsLetInAlone() throws Exception {
    ByteBuffer small = buffers.acquire(1);
    CompletableFuture<ByteBuffer> large = acquireLater(10 * PART);
    await().during(java.time.Duration.ofMillis(100)).until(() -> !large.isDone());

    buffers.release(small);

    assertThat(large.get().remaining()).isEqualTo(10 * PART);
    CompletableFuture<ByteBuffer> next = acquireLater(1);
    await().during(java.time.Duration.ofMillis(100)).until(() -> !next.isDone());
    buffers.release(large.get());
    assertThat(next.get().remaining()).isEqualTo(1);
  }

  @Test
  void smallFilesDoNotHoldWholeParts() throws Exception {
    for (int i = 0; i < 48; i++) {
      assertThat(buffers.acquire(100).capacity()).isEqualTo(64 << 10);
    }
  }

  @Test
  void memoryIsAtMostHalfOfWhatTheJvmAllowsForDirectBuffers() {
    PartBuffers forMany = PartBuffers.forParts(1_000_000, PART);

    assertThat(forMany.budgetBytes()).isLessThanOrEqualTo(Runtime.getRuntime().maxMemory() / 2);
    assertThat(PartBuffers.forParts(2, PART).budgetBytes()).isEqualTo(2 * PART);
  }

  @Test
  void buffersAreKeptUntilNothingWasUploadedForAWhile() throws Exception {
    Deque<Runnable> looks = new ArrayDeque<>();
    PartBuffers pool = new PartBuffers(3 * PART, ByteBuffer::allocate, looks::add);
    ByteBuffer first = pool.acquire(PART);
    ByteBuffer second = pool.acquire(PART);
    pool.release(first);
    assertThat(looks).isEmpty();
    pool.release(second);
    assertThat(looks).hasSize(1);

    // Used since the look was planned, so kept; looked at again.
    assertThat(pool.acquire(PART)).isSameAs(second);
    pool.release(second);
    looks.remove().run();
    assertThat(looks).hasSize(1);
    assertThat(pool.acquire(PART)).isSameAs(second);
    pool.release(second);

    // Not used since the last look.
    looks.remove().run();
    looks.remove().run();
    assertThat(looks).isEmpty();
    assertThat(pool.acquire(PART)).isNotSameAs(second).isNotSameAs(first);
  }

  /** The next one would wait for ever if what could not be had were still counted. */
  @Test
  void memoryThatCouldNotBeHadIsNotCounted() throws Exception {
    AtomicBoolean exhausted = new AtomicBoolean(true);
    PartBuffers tight =
        new PartBuffers(
            PART,
            capacity -> {
              if (exhausted.get()) {
                throw new OutOfMemoryError("none left");
              }
              return ByteBuffer.allocate(capacity);
            },
            Runnable::run);
    assertThatThrownBy(() -> tight.acquire(PART)).isInstanceOf(OutOfMemoryError.class);

    exhausted.set(false);

    assertThat(tight.acquire(PART).remaining()).isEqualTo(PART);
  }
}
