package io.takhin.broker.api;

import io.takhin.broker.tiering.ColdSegment;
import io.takhin.broker.tiering.Tiering;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks for archived segments, and gives back those that come too late. */
final class ColdAccess {
  private static final Logger LOG = LoggerFactory.getLogger(ColdAccess.class);

  private final Tiering tiering;

  ColdAccess(Tiering tiering) {
    this.tiering = tiering;
  }

  CompletableFuture<ColdSegment> open(TopicPartition partition, long offset) {
    try {
      return tiering.open(partition, offset);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** To be called when nobody waits for the segment any more. */
  static void discard(CompletableFuture<ColdSegment> opening) {
    var unused =
        opening.whenComplete(
            (segment, failure) -> {
              if (segment != null) {
                try {
                  segment.close();
                } catch (RuntimeException e) {
                  LOG.warn("lease of an archived segment not ended: segment={}", segment.log(), e);
                }
              }
            });
  }

  /**
   * Waits for a segment.
   *
   * @throws TimeoutException when it takes longer; opening goes on, and asking again may succeed
   * @throws IOException when it cannot be opened
   */
  ColdSegment await(TopicPartition partition, long offset, Duration timeout)
      throws IOException, TimeoutException {
    CompletableFuture<ColdSegment> opening = open(partition, offset);
    try {
      return opening.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      discard(opening);
      throw e;
    } catch (ExecutionException e) {
      throw new IOException(
          "archived segment cannot be opened: partition=" + partition + " offset=" + offset,
          e.getCause());
    } catch (InterruptedException e) {
      discard(opening);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while an archived segment was opened", e);
    }
  }
}
