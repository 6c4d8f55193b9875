package io.takhin.benchmarks.transfer;

/**
 * What a sink has sent of its objects.
 *
 * @param reads how many requests asked for an object or a range of one
 * @param bytes how many bytes they were sent
 */
public record SinkServed(long reads, long bytes) {
  /** What came after an earlier moment. */
  public SinkServed since(SinkServed before) {
    return new SinkServed(reads - before.reads, bytes - before.bytes);
  }
}
