package io.takhin.tiered.store.s3;

import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;

/**
 * Hands a buffer to the HTTP client in slices, without a copy: of a direct buffer, the bytes go
 * from it to the socket.
 *
 * <p>The client asks for the next slice when the last is written, so what it has asked for tells
 * how far the connection has come. One subscriber; the client calls from one thread at a time.
 *
 * <p>The buffer is let go of with its last slice: a connection that the client keeps for later
 * keeps its first request as well, and with it whatever that refers to.
 */
final class BodySlices implements BodyPublisher {
  /**
   * The next one is asked for within half a minute even at the slowest rate that is put up with.
   */
  static final int SLICE_BYTES = 512 << 10;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private ByteBuffer body;
  private final long sizeBytes;

  /** Written by the client's threads, read by the one that waits for the answer. */
  private volatile long movedNanos = System.nanoTime();

  /**
   * @param body from its position to its limit; neither changed nor released
   */
  BodySlices(ByteBuffer body) {
    this.body = body.asReadOnlyBuffer();
    this.sizeBytes = body.remaining();
  }

  /** When a slice was last asked for, or when this was made, as {@link System#nanoTime}. */
  long movedNanos() {
    return movedNanos;
  }

  @Override
  public long contentLength() {
    return sizeBytes;
  }

  @Override
  public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
    subscriber.onSubscribe(new Slicing(subscriber));
  }

  private final class Slicing implements Subscription {
    private final Subscriber<? super ByteBuffer> subscriber;
    private long demand;
    private boolean delivering;
    private boolean ended;

    Slicing(Subscriber<? super ByteBuffer> subscriber) {
      this.subscriber = subscriber;
    }

    /** A subscriber may ask again while it is being given: the loop below it goes on then. */
    @Override
    public void request(long slices) {
      movedNanos = System.nanoTime();
      demand += slices;
      if (delivering) {
        return;
      }
      delivering = true;
      while (demand > 0 && !ended && body.hasRemaining()) {
        demand--;
        subscriber.onNext(next());
      }
      delivering = false;
      if (!ended && !body.hasRemaining()) {
        end();
        subscriber.onComplete();
      }
    }

    private ByteBuffer next() {
      ByteBuffer slice = body.slice(body.position(), Math.min(SLICE_BYTES, body.remaining()));
      body.position(body.position() + slice.remaining());
      return slice;
    }

    @Override
    public void cancel() {
      end();
    }

    private void end() {
      ended = true;
      body = NOTHING;
    }
  }
}
