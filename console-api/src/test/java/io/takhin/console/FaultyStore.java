package io.takhin.console;

import io.takhin.tiered.store.ForwardingStore;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A store whose requests can be made to fail or to hang, and that counts how often they did. */
final class FaultyStore extends ForwardingStore {
  private final AtomicInteger fired = new AtomicInteger();
  private volatile @Nullable Supplier<StoreException> failure;
  private volatile Predicate<StoreOperation> hanging = operation -> true;
  private volatile CountDownLatch gate = new CountDownLatch(0);

  FaultyStore(ObjectStore inner) {
    super(inner);
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
    hanging = operation -> true;
    gate = new CountDownLatch(1);
  }

  /** As {@link #hang}, but only requests of one kind. */
  void hangOn(StoreOperation kind) {
    hanging = operation -> operation == kind;
    gate = new CountDownLatch(1);
  }

  void release() {
    gate.countDown();
  }

  /** Requests that failed or waited. */
  int fired() {
    return fired.get();
  }

  @Override
  protected <T, X extends Exception> T request(
      StoreOperation operation, String object, Request<T, X> request) throws StoreException, X {
    if (gate.getCount() > 0 && hanging.test(operation)) {
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
    return request.send();
  }
}
