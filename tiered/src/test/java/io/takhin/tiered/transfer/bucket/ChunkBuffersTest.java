package io.takhin.tiered.transfer.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.takhin.tiered.transfer.bucket.ChunkBuffers.Lease;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ChunkBuffersTest {
  private static final int CHUNK_BYTES = 64 << 10;

  @Test
  void aBufferHasTheBytesThatWereAskedFor() throws Exception {
    ChunkBuffers buffers = new ChunkBuffers(CHUNK_BYTES, 2);

    try (Lease small = buffers.take(10);
        Lease large = buffers.take(CHUNK_BYTES)) {
      assertThat(small.buffer().remaining()).isEqualTo(10);
      assertThat(large.buffer().remaining()).isEqualTo(CHUNK_BYTES);
    }
    try (Lease again = buffers.take(3 * CHUNK_BYTES)) {
      assertThat(again.buffer().remaining()).isEqualTo(3 * CHUNK_BYTES);
    }
  }

  @Test
  void whoAsksForMoreThanIsFreeWaits() throws Exception {
    ChunkBuffers buffers = new ChunkBuffers(CHUNK_BYTES, 2);
    Lease held = buffers.take(1);
    CompletableFuture<Void> whole =
        CompletableFuture.runAsync(() -> takeAndReturn(buffers, 10 * CHUNK_BYTES));
    assertThat(whole).isNotDone();

    held.close();

    whole.get(3, TimeUnit.MINUTES);
  }

  @Test
  void manyThreadsNeverHoldMoreThanTheBound() {
    ChunkBuffers buffers = new ChunkBuffers(CHUNK_BYTES, 3);
    AtomicLong lent = new AtomicLong();
    AtomicLong most = new AtomicLong();
    CompletableFuture<?>[] threads = new CompletableFuture<?>[8];
    for (int index = 0; index < threads.length; index++) {
      int bytes = (index % 3 + 1) * CHUNK_BYTES;
      threads[index] =
          CompletableFuture.runAsync(
              () -> {
                for (int turn = 0; turn < 200; turn++) {
                  try (Lease lease = buffers.take(bytes)) {
                    long now = lent.addAndGet(lease.buffer().capacity());
                    most.accumulateAndGet(now, Math::max);
                    Thread.onSpinWait();
                    lent.addAndGet(-lease.buffer().capacity());
                  } catch (InterruptedIOException e) {
                    throw new AssertionError(e);
                  }
                }
              });
    }

    CompletableFuture.allOf(threads).orTimeout(30, TimeUnit.SECONDS).join();

    assertThat(most.get()).isPositive().isLessThanOrEqualTo(buffers.boundBytes());
    assertThat(buffers.boundBytes()).isEqualTo(3L * CHUNK_BYTES);
  }

  @Test
  void anInterruptEndsTheWait() throws Exception {
    ChunkBuffers buffers = new ChunkBuffers(CHUNK_BYTES, 1);
    try (Lease held = buffers.take(1)) {
      assertThat(held.buffer().hasRemaining()).isTrue();
      Thread.currentThread().interrupt();

      assertThatThrownBy(() -> buffers.take(1)).isInstanceOf(InterruptedIOException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
    await().untilAsserted(() -> takeAndReturn(buffers, CHUNK_BYTES));
  }

  private static void takeAndReturn(ChunkBuffers buffers, long bytes) {
    try (Lease lease = buffers.take(bytes)) {
      assertThat(lease.buffer().remaining()).isEqualTo((int) bytes);
    } catch (InterruptedIOException e) {
      throw new AssertionError(e);
    }
  }
}
