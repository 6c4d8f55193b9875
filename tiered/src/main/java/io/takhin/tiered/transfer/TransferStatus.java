package io.takhin.tiered.transfer;

import io.takhin.tiered.store.ObjectKey;
import java.time.Duration;
import java.util.Optional;

/**
 * A transfer under way, as of one moment.
 *
 * @param id names it among those of this process
 * @param totalBytes how much there is to move; what has been moved so far if that is not known
 * @param doneBytes how much is done; what was resumed counts as done
 * @param startedMillis in milliseconds since the epoch
 * @param bytesPerSecond over the last seconds
 * @param remaining how long it takes at that rate; empty while nothing moves, or if the size is not
 *     known
 */
public record TransferStatus(
    long id,
    Direction direction,
    ObjectKey key,
    Purpose purpose,
    long totalBytes,
    long doneBytes,
    long startedMillis,
    long bytesPerSecond,
    Optional<Duration> remaining) {
  /** Which way the bytes go, as seen from this machine. */
  public enum Direction {
    UPLOAD,
    DOWNLOAD
  }
}
