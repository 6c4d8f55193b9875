package io.takhin.tiered.store;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes every call on to another store, for those who add something to some or to all of them:
 * {@link #request} is around each request, and every method may be overridden by itself. Copies
 * inside the store are passed on as they are.
 *
 * <p>As thread-safe as the store behind it and what is added.
 */
public abstract class ForwardingStore implements ObjectStore {
  private final ObjectStore inner;

  /**
   * @param inner closed with this one
   */
  protected ForwardingStore(ObjectStore inner) {
    this.inner = inner;
  }

  /** The store that calls are passed on to. */
  protected final ObjectStore inner() {
    return inner;
  }

  /** A request that may fail with an exception of the target's as well. */
  protected interface Request<T, X extends Exception> {
    T send() throws StoreException, X;
  }

  /**
   * Sends one request, on the caller's thread. Taking up an upload that was begun earlier is none.
   *
   * @param object the key it is about, or the prefix of a listing
   * @param request may be sent once, or not at all
   */
  protected <T, X extends Exception> T request(
      StoreOperation operation, String object, Request<T, X> request) throws StoreException, X {
    return request.send();
  }

  /** The upload that callers get for one of the store behind. */
  protected Multipart forwarding(Multipart multipart) {
    return new ForwardingMultipart(multipart);
  }

  @Override
  public String description() {
    return inner.description();
  }

  @Override
  public StoredObject put(ObjectKey key, ByteBuffer body, Crc32c checksum, PutOptions options)
      throws StoreException {
    return request(StoreOperation.PUT, key.value(), () -> inner.put(key, body, checksum, options));
  }

  @Override
  public Multipart startMultipart(ObjectKey key, PutOptions options) throws StoreException {
    return forwarding(
        request(
            StoreOperation.CREATE_MULTIPART,
            key.value(),
            () -> inner.startMultipart(key, options)));
  }

  @Override
  public Multipart resumeMultipart(PendingUpload upload) {
    return forwarding(inner.resumeMultipart(upload));
  }

  @Override
  public Optional<StoredObject> head(ObjectKey key) throws StoreException {
    return request(StoreOperation.HEAD, key.value(), () -> inner.head(key));
  }

  @Override
  public void read(
      ObjectKey key,
      long startBytes,
      long lengthBytes,
      @Nullable String ifMatch,
      WritableByteChannel target)
      throws StoreException, TargetException {
    this.<ObjectKey, TargetException>request(
        StoreOperation.GET,
        key.value(),
        () -> {
          inner.read(key, startBytes, lengthBytes, ifMatch, target);
          return key;
        });
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    request(
        StoreOperation.DELETE,
        key.value(),
        () -> {
          inner.delete(key);
          return key;
        });
  }

  @Override
  public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int maxObjects)
      throws StoreException {
    return request(StoreOperation.LIST, prefix, () -> inner.list(prefix, after, maxObjects));
  }

  @Override
  public List<StoredObject> list(
      String prefix, @Nullable ObjectKey after, int maxObjects, Consumer<String> passedOver)
      throws StoreException {
    return request(
        StoreOperation.LIST, prefix, () -> inner.list(prefix, after, maxObjects, passedOver));
  }

  @Override
  public List<PendingUpload> pendingUploads(String prefix) throws StoreException {
    return request(StoreOperation.LIST_UPLOADS, prefix, () -> inner.pendingUploads(prefix));
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

  /** Passes every call on to another upload, each request through {@link #request}. */
  protected class ForwardingMultipart implements Multipart {
    private final Multipart multipart;

    protected ForwardingMultipart(Multipart multipart) {
      this.multipart = multipart;
    }

    @Override
    public PendingUpload upload() {
      return multipart.upload();
    }

    @Override
    public Part putPart(int number, ByteBuffer body, Crc32c checksum) throws StoreException {
      return request(
          StoreOperation.PUT_PART, key(), () -> multipart.putPart(number, body, checksum));
    }

    @Override
    public StoredObject complete(List<Part> parts, Crc32c checksum) throws StoreException {
      return request(StoreOperation.COMPLETE, key(), () -> multipart.complete(parts, checksum));
    }

    @Override
    public void abort() throws StoreException {
      request(
          StoreOperation.ABORT,
          key(),
          () -> {
            multipart.abort();
            return multipart;
          });
    }

    private String key() {
      return multipart.upload().key().value();
    }
  }
}
