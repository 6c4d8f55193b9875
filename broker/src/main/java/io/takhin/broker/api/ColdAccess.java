package io.takhin.broker.api;

import io.takhin.broker.log.ColdRead;
import io.takhin.broker.log.ColdReader;
import io.takhin.broker.tiering.ColdSegment;
import io.takhin.broker.tiering.Tiering;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.FileRecords.TimestampAndOffset;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks for archived records, and gives back those that come too late. */
final class ColdAccess {
  private static final Logger LOG = LoggerFactory.getLogger(ColdAccess.class);

  private final Tiering tiering;

  ColdAccess(Tiering tiering) {
    this.tiering = tiering;
  }

  private CompletableFuture<ColdSegment> open(TopicPartition partition, long offset) {
    try {
      return tiering.open(partition, offset);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Records from the offset on, of the segment that has it; to be closed by the caller. */
  CompletableFuture<ColdRead> read(TopicPartition partition, long offset, int maxBytes) {
    return open(partition, offset)
        .thenCompose(segment -> ColdReader.read(segment, offset, maxBytes));
  }

  /** To be called when nobody waits for the read any more. */
  static void discard(CompletableFuture<ColdRead> read) {
    var unused =
        read.whenComplete(
            (bytes, failure) -> {
              if (bytes != null) {
                try {
                  bytes.close();
                } catch (RuntimeException e) {
                  LOG.warn("archived records not given back", e);
                }
              }
            });
  }

  /**
   * Waits for the first record at or after the time in the segment that has the offset.
   *
   * @throws TimeoutException when it takes longer; what was begun goes on, and asking again may
   *     succeed
   * @throws IOException when it cannot be read
   */
  Optional<TimestampAndOffset> findByTime(
      TopicPartition partition, long offset, long timestampMillis, Duration timeout)
      throws IOException, TimeoutException {
    CompletableFuture<Optional<TimestampAndOffset>> search =
        open(partition, offset)
            .thenCompose(segment -> ColdReader.findByTime(segment, timestampMillis, offset));
    try {
      return search.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(
          "archived segment cannot be searched: partition=" + partition + " offset=" + offset,
          e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while an archived segment was searched", e);
    }
  }
}
