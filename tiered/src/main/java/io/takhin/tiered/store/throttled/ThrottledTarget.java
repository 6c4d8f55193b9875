package io.takhin.tiered.store.throttled;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Hands bytes on in slices, each when the rate allows it. Used by one thread. */
final class ThrottledTarget implements WritableByteChannel {
  private final WritableByteChannel target;
  private final RateLimit limit;
  private boolean interrupted;

  ThrottledTarget(WritableByteChannel target, RateLimit limit) {
    this.target = target;
    this.limit = limit;
  }

  /** Whether a write failed because its thread was interrupted while it waited. */
  boolean isInterrupted() {
    return interrupted;
  }

  /** Writes one slice at most, as a channel may; its caller comes again with the rest. */
  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int wholeLimit = bytes.limit();
    int length = Math.min(bytes.remaining(), ThrottledStore.SLICE_BYTES);
    try {
      limit.take(length);
      bytes.limit(bytes.position() + length);
      int written = 0;
      while (written < length) {
        written += target.write(bytes);
      }
      return written;
    } catch (InterruptedException e) {
      interrupted = true;
      Thread.currentThread().interrupt();
      InterruptedIOException failure =
          new InterruptedIOException("interrupted while waiting for the rate limit");
      failure.initCause(e);
      throw failure;
    } finally {
      bytes.limit(wholeLimit);
    }
  }

  @Override
  public boolean isOpen() {
    return target.isOpen();
  }

  @Override
  public void close() throws IOException {
    target.close();
  }
}
