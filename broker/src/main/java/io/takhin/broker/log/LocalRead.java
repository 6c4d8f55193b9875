package io.takhin.broker.log;

import org.apache.kafka.common.record.internal.BaseRecords;

/**
 * Records that are still in their file. The file stays as it is until {@link #close}, which is to
 * be called when the bytes are on the socket.
 *
 * @param records part of the segment's file, or empty
 */
public record LocalRead(BaseRecords records, Runnable release) implements AutoCloseable {
  @Override
  public void close() {
    release.run();
  }
}
