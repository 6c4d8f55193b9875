package io.takhin.testkit;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.memory.MemoryStore;
import io.takhin.tiered.store.metered.MeteredStore;

/** Counting keeps every promise of the store behind it. */
final class MeteredStoreTest extends ObjectStoreContract {
  @Override
  protected ObjectStore openStore() {
    return new MeteredStore(new MemoryStore(), new SimpleMeterRegistry());
  }
}
