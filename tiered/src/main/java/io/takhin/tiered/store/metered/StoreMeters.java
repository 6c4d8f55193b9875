package io.takhin.tiered.store.metered;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.time.Clock;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * The figures of one store. They are kept beside the registry, because a registry may be a no-op or
 * have been told to deny these meters, and the console shows them all the same.
 */
final class StoreMeters {
  private final MeterRegistry registry;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final Map<StoreOperation, Requests> requests = new EnumMap<>(StoreOperation.class);
  private final LongAdder uploadedBytes = new LongAdder();
  private final LongAdder downloadedBytes = new LongAdder();
  private final Counter uploadedCounter;
  private final Counter downloadedCounter;
  private final Object healthLock = new Object();

  /** Written under the lock, read without: a value of its own. */
  private volatile StoreHealth health;

  /**
   * @param store whose strain is shown; has to be kept by whoever keeps this
   */
  StoreMeters(ObjectStore store, MeterRegistry registry, Clock clock, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.registry = registry;
    this.clock = clock;
    this.health = new StoreHealth(true, null, clock.millis());
    for (StoreOperation operation : StoreOperation.values()) {
      Timer latency =
          Timer.builder("tiered_storage_s3_requests")
              .description("Requests to the object store, by operation")
              .tag("operation", operation.tag())
              .register(registry);
      requests.put(operation, new Requests(new LongAdder(), latency));
    }
    this.uploadedCounter =
        Counter.builder("tiered_storage_s3_bytes_uploaded")
            .description("Payload bytes the object store has accepted")
            .register(registry);
    this.downloadedCounter =
        Counter.builder("tiered_storage_s3_bytes_downloaded")
            .description("Payload bytes received from the object store")
            .register(registry);
    Gauge.builder("tiered_storage_s3_reachable", this, meters -> meters.health.reachable() ? 1 : 0)
        .description("1 while the object store answers, 0 since it last failed to")
        .register(registry);
    registerStrain(store, registry);
  }

  private static void registerStrain(ObjectStore store, MeterRegistry registry) {
    FunctionCounter.builder("tiered_storage_s3_retries", store, s -> s.strain().retries())
        .description("Attempts at requests to the object store after the first")
        .register(registry);
    FunctionCounter.builder("tiered_storage_s3_throttled", store, s -> s.strain().throttled())
        .description("Of these, those made because the object store said to slow down")
        .register(registry);
    FunctionCounter.builder("tiered_storage_s3_stalls", store, s -> s.strain().stalls())
        .description("Connections given up because they moved nothing for too long")
        .register(registry);
  }

  /** A call that may fail with an exception of the target's as well. */
  interface Call<T, X extends Exception> {
    T make() throws StoreException, X;
  }

  <T, X extends Exception> T count(StoreOperation operation, Call<T, X> call)
      throws StoreException, X {
    return count(operation, call, () -> 0);
  }

  /**
   * @param othersNanos asked after the call: how much of its time was not the store's
   */
  <T, X extends Exception> T count(
      StoreOperation operation, Call<T, X> call, LongSupplier othersNanos)
      throws StoreException, X {
    Requests made = Objects.requireNonNull(requests.get(operation));
    made.count().increment();
    long startNanos = nanoTime.getAsLong();
    try {
      T result = call.make();
      answered();
      return result;
    } catch (StoreException e) {
      failed(operation, e);
      throw e;
    } finally {
      long tookNanos = nanoTime.getAsLong() - startNanos - othersNanos.getAsLong();
      made.latency().record(tookNanos, TimeUnit.NANOSECONDS);
    }
  }

  void uploaded(long bytes) {
    uploadedBytes.add(bytes);
    uploadedCounter.increment((double) bytes);
  }

  void downloaded(long bytes) {
    downloadedBytes.add(bytes);
    downloadedCounter.increment((double) bytes);
  }

  StoreTraffic traffic() {
    Map<String, Long> counts = new HashMap<>();
    requests.forEach((operation, made) -> counts.put(operation.tag(), made.count().sum()));
    return new StoreTraffic(counts, uploadedBytes.sum(), downloadedBytes.sum());
  }

  StoreHealth health() {
    return health;
  }

  private void answered() {
    if (health.reachable()) {
      return;
    }
    synchronized (healthLock) {
      if (!health.reachable()) {
        health = new StoreHealth(true, null, clock.millis());
      }
    }
  }

  private void failed(StoreOperation operation, StoreException failure) {
    String kind = failure.getClass().getSimpleName();
    Counter.builder("tiered_storage_s3_errors")
        .description("Failed requests to the object store, by operation and kind")
        .tag("operation", operation.tag())
        .tag("kind", kind)
        .register(registry)
        .increment();
    boolean silent =
        failure instanceof StoreException.Unavailable || failure instanceof StoreException.Rejected;
    if (!silent) {
      answered();
      return;
    }
    if (Thread.currentThread().isInterrupted()) {
      return; // the caller's doing, which says nothing about the store
    }
    synchronized (healthLock) {
      long sinceMillis = health.reachable() ? clock.millis() : health.sinceMillis();
      health = new StoreHealth(false, failure.getMessage(), sinceMillis);
    }
  }

  private record Requests(LongAdder count, Timer latency) {}
}
