package io.takhin.broker.log;

import io.takhin.broker.tiering.ColdBytes;

/**
 * Batches of an archived segment, from the one that was asked for on.
 *
 * @param bytes closed by {@link #close}, or with what {@link #limited} gives
 * @param start where the first batch begins in them
 * @param firstBatchBytes its size; it lies in the bytes as a whole
 */
public record ColdRead(ColdBytes bytes, int start, int firstBatchBytes) implements AutoCloseable {

  /**
   * At most so many bytes, but at least the first batch. Takes the bytes over.
   *
   * @param pace in which they are sent
   */
  public LocalRead limited(int maxBytes, ColdPace pace) {
    int size = Math.min(bytes.lengthBytes() - start, Math.max(maxBytes, firstBatchBytes));
    return new LocalRead(new ColdRecords(bytes, start, size, pace), bytes::close);
  }

  @Override
  public void close() {
    bytes.close();
  }
}
