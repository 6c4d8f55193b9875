package io.takhin.benchmarks.rebuild;

import io.takhin.tiered.store.ForwardingStore;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoreOperation;
import java.util.concurrent.locks.LockSupport;

/** Answers each request some time after it was made, as a store at a distance does. */
final class DelayedStore extends ForwardingStore {
  private final long delayNanos;

  DelayedStore(ObjectStore inner, long delayNanos) {
    super(inner);
    this.delayNanos = delayNanos;
  }

  @Override
  protected <T, X extends Exception> T request(
      StoreOperation operation, String object, Request<T, X> request) throws StoreException, X {
    long until = System.nanoTime() + delayNanos;
    for (long left = delayNanos; left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    return request.send();
  }
}
