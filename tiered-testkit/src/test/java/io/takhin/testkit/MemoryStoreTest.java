package io.takhin.testkit;

import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.memory.MemoryStore;

final class MemoryStoreTest extends ObjectStoreContract {
  @Override
  protected ObjectStore openStore() {
    return new MemoryStore();
  }
}
