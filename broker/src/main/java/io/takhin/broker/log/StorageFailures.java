package io.takhin.broker.log;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka takes a directory offline for good after its first failed write, because another broker can
 * take over. There is no other broker here: a full disk fails the append at hand, reads go on, and
 * the next append tries again.
 *
 * <p>Producers retry many times a second, so failures are logged once in a while only.
 */
final class StorageFailures extends LogDirFailureChannel {
  private static final Logger LOG = LoggerFactory.getLogger(StorageFailures.class);
  private static final Duration PAUSE = Duration.ofSeconds(30);

  /** A failure that old says nothing about the disk of now, if nobody wrote since. */
  private static final Duration RECENT = Duration.ofMinutes(1);

  private record Failure(String message, long nanos, long reportedNanos) {}

  private final AtomicReference<@Nullable Failure> last = new AtomicReference<>();

  StorageFailures() {
    super(1);
  }

  @Override
  public boolean hasOfflineLogDir(String logDir) {
    return false;
  }

  @Override
  public void maybeAddOfflineLogDir(String logDir, String msg, IOException e) {
    long now = System.nanoTime();
    Failure before = last.get();
    boolean quiet = before != null && now - before.reportedNanos() < PAUSE.toNanos();
    long reported = before != null && quiet ? before.reportedNanos() : now;
    Failure failure = new Failure(msg + ": " + e.getMessage(), now, reported);
    if (last.compareAndSet(before, failure) && !quiet) {
      LOG.error(
          "data directory not writable, writes fail and reads go on: directory={} problem=\"{}\""
              + " action=\"make room on the disk or repair it, no restart is needed\";"
              + " not reported again for {} seconds",
          logDir,
          failure.message(),
          PAUSE.toSeconds());
    }
    LOG.debug("storage failure: directory={} message={}", logDir, msg, e);
  }

  /** What failed within the last minute, for operators. */
  Optional<String> recent() {
    Failure failure = last.get();
    return failure == null || System.nanoTime() - failure.nanos() > RECENT.toNanos()
        ? Optional.empty()
        : Optional.of(failure.message());
  }
}
