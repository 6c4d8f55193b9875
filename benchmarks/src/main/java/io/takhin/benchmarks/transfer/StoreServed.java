package io.takhin.benchmarks.transfer;

/**
 * What a store has sent of its objects.
 *
 * @param reads how many requests asked for an object or a range of one
 * @param bytes how many bytes they were sent
 */
public record StoreServed(long reads, long bytes) {
  /** What came after an earlier moment. */
  public StoreServed since(StoreServed before) {
    return new StoreServed(reads - before.reads, bytes - before.bytes);
  }
}
