package io.takhin.broker.api;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs partitions that cannot be read. Clients try again many times a second, so each partition is
 * reported once in a while only.
 */
final class ReadFailures {
  private static final Logger LOG = LoggerFactory.getLogger(ReadFailures.class);
  private static final long PAUSE_NANOS = Duration.ofSeconds(30).toNanos();

  private final Map<TopicPartition, Long> reportedNanos = new ConcurrentHashMap<>();

  void report(TopicPartition partition, long offset, Exception failure) {
    long now = System.nanoTime();
    reportedNanos.compute(
        partition,
        (id, last) -> {
          if (last != null && now - last < PAUSE_NANOS) {
            return last;
          }
          Throwable cause = cause(failure);
          // A store or a disk that fails says so itself; of a defect the place is needed.
          boolean understood = cause instanceof IOException;
          LOG.error(
              "fetch failed, the client is told to try again: partition={} offset={}"
                  + " problem=\"{}\"; not reported again for 30 seconds",
              partition,
              offset,
              understood ? problem(cause) : String.valueOf(cause),
              understood ? null : failure);
          LOG.debug("fetch failed: partition={} offset={}", partition, offset, failure);
          return now;
        });
  }

  /** What went wrong, from the outside in, as far as it was foreseen. */
  private static String problem(Throwable failure) {
    StringBuilder words = new StringBuilder(String.valueOf(failure.getMessage()));
    @Nullable Throwable at = failure.getCause();
    while (at != null && (at instanceof IOException || isWrapper(at))) {
      if (!isWrapper(at)) {
        words.append(": ").append(at.getMessage());
      }
      at = at.getCause();
    }
    return words.toString();
  }

  private static Throwable cause(Exception failure) {
    Throwable cause = failure;
    while (isWrapper(cause) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static boolean isWrapper(@Nullable Throwable failure) {
    return failure instanceof CompletionException || failure instanceof ExecutionException;
  }
}
