package io.takhin.tiered.store.metered;

import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectCopies;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreStrain;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.TargetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts what passes through to another store, and remembers whether it answers.
 *
 * <p>Meters: {@code tiered_storage_s3_requests} (timer, by {@code operation}), {@code
 * tiered_storage_s3_errors} (by {@code operation} and {@code kind}), {@code
 * tiered_storage_s3_bytes_uploaded}, {@code tiered_storage_s3_bytes_downloaded}, {@code
 * tiered_storage_s3_reachable}, and from the adapter's {@link StoreStrain} {@code
 * tiered_storage_s3_retries}, {@code tiered_storage_s3_throttled} and {@code
 * tiered_storage_s3_stalls}.
 *
 * <p>The time of a read is that of the store: what the target takes for the bytes, a disk or a rate
 * limit, is not in it.
 */
public final class MeteredStore implements ObjectStore {
  private final ObjectStore inner;
  private final LongSupplier nanoTime;
  private final StoreMeters meters;

  /**
   * @param inner closed with this one
   */
  public MeteredStore(ObjectStore inner, MeterRegistry registry) {
    this(inner, registry, Clock.systemUTC());
  }

  /**
   * @param inner closed with this one
   * @param clock dates the changes of {@link #health}
   */
  public MeteredStore(ObjectStore inner, MeterRegistry registry, Clock clock) {
    this(inner, registry, clock, System::nanoTime);
  }

  MeteredStore(ObjectStore inner, MeterRegistry registry, Clock clock, LongSupplier nanoTime) {
    this.inner = inner;
    this.nanoTime = nanoTime;
    this.meters = new StoreMeters(inner, registry, clock, nanoTime);
  }

  /** What was asked so far. The figures are each exact, and together nearly of one moment. */
  public StoreTraffic traffic() {
    return meters.traffic();
  }

  /** Whether the store answers, judged by the outcome of the latest calls. */
  public StoreHealth health() {
    return meters.health();
  }

  @Override
  public String description() {
    return inner.description();
  }

  @Override
  public StoredObject put(ObjectKey key, ByteBuffer body, Crc32c checksum, PutOptions options)
      throws StoreException {
    long sizeBytes = body.remaining();
    StoredObject object =
        meters.count(StoreOperation.PUT, () -> inner.put(key, body, checksum, options));
    meters.uploaded(sizeBytes);
    return object;
  }

  @Override
  public Multipart startMultipart(ObjectKey key, PutOptions options) throws StoreException {
    return new MeteredMultipart(
        meters.count(StoreOperation.CREATE_MULTIPART, () -> inner.startMultipart(key, options)));
  }

  @Override
  public Multipart resumeMultipart(PendingUpload upload) {
    return new MeteredMultipart(inner.resumeMultipart(upload));
  }

  @Override
  public Optional<StoredObject> head(ObjectKey key) throws StoreException {
    return meters.count(StoreOperation.HEAD, () -> inner.head(key));
  }

  @Override
  public void read(
      ObjectKey key,
      long startBytes,
      long lengthBytes,
      @Nullable String ifMatch,
      WritableByteChannel target)
      throws StoreException, TargetException {
    CountedTarget counted = new CountedTarget(target);
    meters.<Boolean, TargetException>count(
        StoreOperation.GET,
        () -> {
          inner.read(key, startBytes, lengthBytes, ifMatch, counted);
          return true;
        },
        counted::tookNanos);
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    meters.count(
        StoreOperation.DELETE,
        () -> {
          inner.delete(key);
          return true;
        });
  }

  @Override
  public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int maxObjects)
      throws StoreException {
    return meters.count(StoreOperation.LIST, () -> inner.list(prefix, after, maxObjects));
  }

  @Override
  public List<StoredObject> list(
      String prefix, @Nullable ObjectKey after, int maxObjects, Consumer<String> passedOver)
      throws StoreException {
    return meters.count(
        StoreOperation.LIST, () -> inner.list(prefix, after, maxObjects, passedOver));
  }

  @Override
  public List<PendingUpload> pendingUploads(String prefix) throws StoreException {
    return meters.count(StoreOperation.LIST_UPLOADS, () -> inner.pendingUploads(prefix));
  }

  @Override
  public StoreStrain strain() {
    return inner.strain();
  }

  @Override
  public ObjectCopies copies() {
    return new MeteredCopies(inner.copies(), meters);
  }

  @Override
  public void close() {
    inner.close();
  }

  private final class MeteredMultipart implements Multipart {
    private final Multipart multipart;

    MeteredMultipart(Multipart multipart) {
      this.multipart = multipart;
    }

    @Override
    public PendingUpload upload() {
      return multipart.upload();
    }

    @Override
    public Part putPart(int number, ByteBuffer body, Crc32c checksum) throws StoreException {
      Part part =
          meters.count(StoreOperation.PUT_PART, () -> multipart.putPart(number, body, checksum));
      meters.uploaded(part.sizeBytes());
      return part;
    }

    @Override
    public StoredObject complete(List<Part> parts, Crc32c checksum) throws StoreException {
      return meters.count(StoreOperation.COMPLETE, () -> multipart.complete(parts, checksum));
    }

    @Override
    public void abort() throws StoreException {
      meters.count(
          StoreOperation.ABORT,
          () -> {
            multipart.abort();
            return true;
          });
    }
  }

  /** Used by one thread: the one that reads. */
  private final class CountedTarget implements WritableByteChannel {
    private final WritableByteChannel target;
    private long tookNanos;

    CountedTarget(WritableByteChannel target) {
      this.target = target;
    }

    /** How long the target took for what it was given so far. */
    long tookNanos() {
      return tookNanos;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      long beganNanos = nanoTime.getAsLong();
      try {
        int count = target.write(bytes);
        meters.downloaded(count);
        return count;
      } finally {
        tookNanos += nanoTime.getAsLong() - beganNanos;
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
}
