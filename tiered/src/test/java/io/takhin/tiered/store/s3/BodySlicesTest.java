package io.takhin.tiered.store.s3;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class BodySlicesTest {
  private static final int SIZE_BYTES = 2 * BodySlices.SLICE_BYTES + 1;

  @Test
  void theSlicesAreTheBody() {
    ByteBuffer body = ByteBuffer.allocate(SIZE_BYTES).put(SIZE_BYTES - 1, (byte) 7);
    Taker taker = new Taker();

    new BodySlices(body).subscribe(taker);

    assertThat(taker.slices).hasSize(3);
    assertThat(taker.slices.stream().mapToInt(ByteBuffer::remaining).sum()).isEqualTo(SIZE_BYTES);
    assertThat(taker.slices.get(2).get(0)).isEqualTo((byte) 7);
    assertThat(taker.completed).isTrue();
  }

  /** The client's pool keeps a connection's first request as long as the connection. */
  @Test
  void whatIsSentIsNoLongerHeld() {
    List<ByteBuffer> owned = new ArrayList<>(List.of(ByteBuffer.allocateDirect(SIZE_BYTES)));
    WeakReference<ByteBuffer> held = new WeakReference<>(owned.get(0));
    BodySlices slices = new BodySlices(owned.get(0));
    slices.subscribe(new Taker());

    owned.clear();

    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(held.get()).isNull();
            });
    assertThat(slices.contentLength()).isEqualTo(SIZE_BYTES);
  }

  /** Asks for one slice after the other, as the client does. */
  private static final class Taker implements Subscriber<ByteBuffer> {
    private final List<ByteBuffer> slices = new ArrayList<>();
    private boolean completed;
    private @Nullable Subscription subscription;

    @Override
    public void onSubscribe(Subscription newSubscription) {
      subscription = newSubscription;
      newSubscription.request(1);
    }

    @Override
    public void onNext(ByteBuffer slice) {
      slices.add(slice);
      requireNonNull(subscription).request(1);
    }

    @Override
    public void onError(Throwable failure) {
      throw new AssertionError(failure);
    }

    @Override
    public void onComplete() {
      completed = true;
    }
  }
}
