package io.takhin.testkit;

import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.memory.MemoryStore;

/** Without a fault, the fault store keeps every promise of the store behind it. */
final class FaultFreeStoreTest extends ObjectStoreContract {
  @Override
  protected ObjectStore openStore() {
    return new FaultStore(new MemoryStore());
  }
}
