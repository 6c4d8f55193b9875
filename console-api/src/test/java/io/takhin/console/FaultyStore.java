package io.takhin.console;

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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A store whose requests can be made to fail or to hang, and that counts how often they did. */
final class FaultyStore implements ObjectStore {
  static final String PUT = "put";

  private final ObjectStore inner;
  private final AtomicInteger fired = new AtomicInteger();
  private volatile @Nullable Supplier<StoreException> failure;
  private volatile String hanging = "";
  private volatile CountDownLatch gate = new CountDownLatch(0);

  FaultyStore(ObjectStore inner) {
    this.inner = inner;
  }

  /** Every request fails from now on. */
  void fail(Supplier<StoreException> with) {
    failure = with;
  }

  void heal() {
    failure = null;
  }

  /** Every request waits from now on, until {@link #release}. */
  void hang() {
    hanging = "";
    gate = new CountDownLatch(1);
  }

  /** As {@link #hang}, but only requests of one kind. */
  void hangOn(String operation) {
    hanging = operation;
    gate = new CountDownLatch(1);
  }

  void release() {
    gate.countDown();
  }

  /** Requests that failed or waited. */
  int fired() {
    return fired.get();
  }

  private void pass(String operation) throws StoreException {
    if (gate.getCount() > 0 && operation.startsWith(hanging)) {
      fired.incrementAndGet();
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StoreException.Unavailable("interrupted", e);
      }
    }
    Supplier<StoreException> with = failure;
    if (with != null) {
      fired.incrementAndGet();
      throw with.get();
    }
  }

  @Override
  public String description() {
    return "faulty " + inner.description();
  }

  @Override
  public StoredObject put(ObjectKey key, ByteBuffer body, Crc32c checksum, PutOptions options)
      throws StoreException {
    pass(PUT);
    return inner.put(key, body, checksum, options);
  }

  @Override
  public Multipart startMultipart(ObjectKey key, PutOptions options) throws StoreException {
    pass("startMultipart");
    return inner.startMultipart(key, options);
  }

  @Override
  public Multipart resumeMultipart(PendingUpload upload) {
    return inner.resumeMultipart(upload);
  }

  @Override
  public Optional<StoredObject> head(ObjectKey key) throws StoreException {
    pass("head");
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
    pass("read");
    inner.read(key, startBytes, lengthBytes, ifMatch, target);
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    pass("delete");
    inner.delete(key);
  }

  @Override
  public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int maxObjects)
      throws StoreException {
    pass("list");
    return inner.list(prefix, after, maxObjects);
  }

  @Override
  public List<PendingUpload> pendingUploads(String prefix) throws StoreException {
    pass("pendingUploads");
    return inner.pendingUploads(prefix);
  }

  @Override
  public StoreStrain strain() {
    return inner.strain();
  }

  @Override
  public ObjectCopies copies() {
    return inner.copies();
  }

  @Override
  public void close() {
    inner.close();
  }
}
