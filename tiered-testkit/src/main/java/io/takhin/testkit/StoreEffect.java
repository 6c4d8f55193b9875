package io.takhin.testkit;

import io.takhin.tiered.store.StoreException;
import java.nio.channels.WritableByteChannel;

/** What a fault does to one call of a store; each effect overrides the moment it strikes at. */
interface StoreEffect {
  default void before(StoreCall call) throws StoreException {}

  default void after(StoreCall call) throws StoreException {}

  /** Whether success is reported without the call being made. */
  default boolean lies() {
    return false;
  }

  /** Whether the caller is told of a failure now, and what was asked happens later. */
  default boolean isLate() {
    return false;
  }

  /** The channel that read bytes go through on their way to the caller's target. */
  default WritableByteChannel through(WritableByteChannel target) {
    return target;
  }
}
