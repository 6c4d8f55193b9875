package io.takhin.benchmarks.rebuild;

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
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Answers each request some time after it was made, as a store at a distance does. */
final class DelayedStore implements ObjectStore {
  private final ObjectStore inner;
  private final long delayNanos;

  DelayedStore(ObjectStore inner, long delayNanos) {
    this.inner = inner;
    this.delayNanos = delayNanos;
  }

  private void delay() {
    long until = System.nanoTime() + delayNanos;
    for (long left = delayNanos; left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Override
  public String description() {
    return inner.description();
  }

  @Override
  public StoredObject put(ObjectKey key, ByteBuffer body, Crc32c checksum, PutOptions options)
      throws StoreException {
    delay();
    return inner.put(key, body, checksum, options);
  }

  @Override
  public Multipart startMultipart(ObjectKey key, PutOptions options) throws StoreException {
    delay();
    return inner.startMultipart(key, options);
  }

  @Override
  public Multipart resumeMultipart(PendingUpload upload) {
    return inner.resumeMultipart(upload);
  }

  @Override
  public Optional<StoredObject> head(ObjectKey key) throws StoreException {
    delay();
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
    delay();
    inner.read(key, startBytes, lengthBytes, ifMatch, target);
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    delay();
    inner.delete(key);
  }

  @Override
  public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int maxObjects)
      throws StoreException {
    delay();
    return inner.list(prefix, after, maxObjects);
  }

  @Override
  public List<PendingUpload> pendingUploads(String prefix) throws StoreException {
    delay();
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
}
