package io.takhin.testkit;

import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.memory.MemoryStore;
import io.takhin.tiered.store.throttled.RateLimits;
import io.takhin.tiered.store.throttled.ThrottledStore;

/** A rate limit keeps every promise of the store behind it. */
final class ThrottledStoreTest extends ObjectStoreContract {
  private static final long BYTES_PER_SECOND = 1L << 30;

  @Override
  protected ObjectStore openStore() {
    return new ThrottledStore(
        new MemoryStore(), new RateLimits(BYTES_PER_SECOND, BYTES_PER_SECOND));
  }
}
