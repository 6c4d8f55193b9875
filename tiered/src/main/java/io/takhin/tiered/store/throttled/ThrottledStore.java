package io.takhin.tiered.store.throttled;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ForwardingStore;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.TargetException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the payload to and from another store within {@link RateLimits}.
 *
 * <p>An upload waits before its request, and then goes as fast as the network lets it, because a
 * body that pauses on its way would hold a connection and look like one that stalled; so the rate
 * holds over parts, not within one. A download waits between the pieces of at most {@value
 * #SLICE_BYTES} bytes that it hands on, and the store waits with it.
 *
 * <p>Bodies of at most {@value #SMALL_BYTES} bytes count, but wait for nobody: a manifest that ends
 * the archiving of a segment does not stand in line behind the parts of another. Requests without
 * payload, and copies inside the store, pass.
 *
 * <p>Thread-safe, as the store behind it.
 */
public final class ThrottledStore extends ForwardingStore {
  static final int SMALL_BYTES = 64 << 10;
  static final int SLICE_BYTES = 128 << 10;

  private final RateLimits limits;

  /**
   * @param inner closed with this one
   * @param limits may serve other stores too, which then share the rates
   */
  public ThrottledStore(ObjectStore inner, RateLimits limits) {
    super(inner);
    this.limits = limits;
  }

  @Override
  public StoredObject put(ObjectKey key, ByteBuffer body, Crc32c checksum, PutOptions options)
      throws StoreException {
    awaitUpload(key, body.remaining());
    return super.put(key, body, checksum, options);
  }

  @Override
  public void read(
      ObjectKey key,
      long startBytes,
      long lengthBytes,
      @Nullable String ifMatch,
      WritableByteChannel target)
      throws StoreException, TargetException {
    if (lengthBytes <= SMALL_BYTES) {
      limits.download().takeNow(lengthBytes);
      super.read(key, startBytes, lengthBytes, ifMatch, target);
      return;
    }
    ThrottledTarget throttled = new ThrottledTarget(target, limits.download());
    try {
      super.read(key, startBytes, lengthBytes, ifMatch, throttled);
    } catch (TargetException e) {
      if (throttled.isInterrupted()) {
        throw interrupted("read", key, e);
      }
      throw e;
    }
  }

  @Override
  protected Multipart forwarding(Multipart multipart) {
    return new ForwardingMultipart(multipart) {
      @Override
      public Part putPart(int number, ByteBuffer body, Crc32c checksum) throws StoreException {
        awaitUpload(upload().key(), body.remaining());
        return super.putPart(number, body, checksum);
      }
    };
  }

  private void awaitUpload(ObjectKey key, int sizeBytes) throws StoreException {
    if (sizeBytes <= SMALL_BYTES) {
      limits.upload().takeNow(sizeBytes);
      return;
    }
    try {
      limits.upload().take(sizeBytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted("put", key, e);
    }
  }

  private StoreException interrupted(String operation, ObjectKey key, Exception cause) {
    return new StoreException.Unavailable(
        operation
            + " interrupted while it waited for the rate limit: key="
            + key
            + " store="
            + description(),
        cause);
  }
}
