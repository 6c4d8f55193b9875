package io.takhin.tiered.store.throttled;

import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectCopies;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreStrain;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.TargetException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
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
public final class ThrottledStore implements ObjectStore {
  static final int SMALL_BYTES = 64 << 10;
  static final int SLICE_BYTES = 128 << 10;

  private final ObjectStore inner;
  private final RateLimits limits;

  /**
   * @param inner closed with this one
   * @param limits may serve other stores too, which then share the rates
   */
  public ThrottledStore(ObjectStore inner, RateLimits limits) {
    this.inner = inner;
    this.limits = limits;
  }

  @Override
  public String description() {
    return inner.description();
  }

  @Override
  public StoredObject put(ObjectKey key, ByteBuffer body, Crc32c checksum, PutOptions options)
      throws StoreException {
    awaitUpload(key, body.remaining());
    return inner.put(key, body, checksum, options);
  }

  @Override
  public Multipart startMultipart(ObjectKey key, PutOptions options) throws StoreException {
    return new ThrottledMultipart(inner.startMultipart(key, options));
  }

  @Override
  public Multipart resumeMultipart(PendingUpload upload) {
    return new ThrottledMultipart(inner.resumeMultipart(upload));
  }

  @Override
  public Optional<StoredObject> head(ObjectKey key) throws StoreException {
    return inner.head(key);
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
      inner.read(key, startBytes, lengthBytes, ifMatch, target);
      return;
    }
    ThrottledTarget throttled = new ThrottledTarget(target, limits.download());
    try {
      inner.read(key, startBytes, lengthBytes, ifMatch, throttled);
    } catch (TargetException e) {
      if (throttled.isInterrupted()) {
        throw interrupted("read", key, e);
      }
      throw e;
    }
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    inner.delete(key);
  }

  @Override
  public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int maxObjects)
      throws StoreException {
    return inner.list(prefix, after, maxObjects);
  }

  @Override
  public List<StoredObject> list(
      String prefix, @Nullable ObjectKey after, int maxObjects, Consumer<String> passedOver)
      throws StoreException {
    return inner.list(prefix, after, maxObjects, passedOver);
  }

  @Override
  public List<PendingUpload> pendingUploads(String prefix) throws StoreException {
    return inner.pendingUploads(prefix);
  }

  @Override
  public ObjectCopies copies() {
    return inner.copies();
  }

  @Override
  public StoreStrain strain() {
    return inner.strain();
  }

  @Override
  public void close() {
    inner.close();
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
            + inner.description(),
        cause);
  }

  private final class ThrottledMultipart implements Multipart {
    private final Multipart multipart;

    ThrottledMultipart(Multipart multipart) {
      this.multipart = multipart;
    }

    @Override
    public PendingUpload upload() {
      return multipart.upload();
    }

    @Override
    public Part putPart(int number, ByteBuffer body, Crc32c checksum) throws StoreException {
      awaitUpload(multipart.upload().key(), body.remaining());
      return multipart.putPart(number, body, checksum);
    }

    @Override
    public StoredObject complete(List<Part> parts, Crc32c checksum) throws StoreException {
      return multipart.complete(parts, checksum);
    }

    @Override
    public void abort() throws StoreException {
      multipart.abort();
    }
  }
}
