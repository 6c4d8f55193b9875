package io.takhin.tiered.store.metered;

import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ForwardingStore;
import io.takhin.tiered.store.ObjectCopies;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import io.takhin.tiered.store.StoreStrain;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.store.TargetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Clock;
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
public final class MeteredStore extends ForwardingStore {
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
    super(inner);
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
  protected <T, X extends Exception> T request(
      StoreOperation operation, String object, Request<T, X> request) throws StoreException, X {
    return meters.<T, X>count(operation, request::send);
  }

  @Override
  public StoredObject put(ObjectKey key, ByteBuffer body, Crc32c checksum, PutOptions options)
      throws StoreException {
    long sizeBytes = body.remaining();
    StoredObject object = super.put(key, body, checksum, options);
    meters.uploaded(sizeBytes);
    return object;
  }

  @Override
  protected Multipart forwarding(Multipart multipart) {
    return new ForwardingMultipart(multipart) {
      @Override
      public Part putPart(int number, ByteBuffer body, Crc32c checksum) throws StoreException {
        Part part = super.putPart(number, body, checksum);
        meters.uploaded(part.sizeBytes());
        return part;
      }
    };
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
          inner().read(key, startBytes, lengthBytes, ifMatch, counted);
          return true;
        },
        counted::tookNanos);
  }

  @Override
  public ObjectCopies copies() {
    return new MeteredCopies(inner().copies(), meters);
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
