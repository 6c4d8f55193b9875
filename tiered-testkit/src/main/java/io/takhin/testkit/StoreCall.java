package io.takhin.testkit;

import io.takhin.tiered.store.StoreOperation;

/**
 * A call of the store port.
 *
 * @param subject the key, or the prefix of a listing
 */
record StoreCall(StoreOperation operation, String subject) {
  @Override
  public String toString() {
    return operation + " " + subject;
  }
}
