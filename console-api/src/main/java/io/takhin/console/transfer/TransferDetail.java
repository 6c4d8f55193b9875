package io.takhin.console.transfer;

import io.takhin.tiered.transfer.TransferStatus;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A transfer under way, in a REST answer.
 *
 * @param id names it until it ends, and is not used again by this process
 * @param direction {@code upload} or {@code download}
 * @param key of the object
 * @param reason why it is made
 * @param priority {@code foreground} if somebody waits for it, else {@code background}
 * @param totalBytes size of the file
 * @param doneBytes how much of it has arrived; what an earlier attempt left counts too
 * @param bytesPerSecond over the last ten seconds
 * @param etaSeconds how long it takes at that rate; null while nothing moves
 * @param percent of the bytes that are done, 0 to 100, in tenths
 */
record TransferDetail(
    long id,
    String direction,
    String key,
    String reason,
    String priority,
    long totalBytes,
    long doneBytes,
    long bytesPerSecond,
    Instant startedAt,
    @Nullable Long etaSeconds,
    double percent) {
  private static final double TENTHS_OF_A_PERCENT = 1000.0;

  /** All of them, as an object, so that more can be told later. */
  record Listing(List<TransferDetail> transfers) {}

  static TransferDetail of(TransferStatus status) {
    return new TransferDetail(
        status.id(),
        lower(status.direction()),
        status.key().value(),
        status.purpose().reason(),
        lower(status.purpose().priority()),
        status.totalBytes(),
        status.doneBytes(),
        status.bytesPerSecond(),
        Instant.ofEpochMilli(status.startedMillis()),
        status.remaining().map(remaining -> remaining.plusMillis(999).toSeconds()).orElse(null),
        percent(status));
  }

  private static double percent(TransferStatus status) {
    if (status.totalBytes() == 0) {
      return 0;
    }
    double done = (double) status.doneBytes() / (double) status.totalBytes();
    return Math.floor(done * TENTHS_OF_A_PERCENT) / 10;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
