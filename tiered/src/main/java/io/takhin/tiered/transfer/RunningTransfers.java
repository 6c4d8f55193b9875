package io.takhin.tiered.transfer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.transfer.TransferStatus.Direction;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The transfers under way, and what became of those that ended.
 *
 * <p>Meters: {@code tiered_storage_transfers} (timer with a histogram, by {@code direction} and
 * {@code outcome}: done, failed or cancelled), {@code tiered_storage_transfer_bytes} (by {@code
 * direction}; what moved, also of those that failed) and {@code tiered_storage_transfers_running}
 * (by {@code direction}).
 */
final class RunningTransfers {
  private static final Duration SHORTEST = Duration.ofMillis(10);
  private static final Duration LONGEST = Duration.ofHours(1);

  private final ConcurrentMap<Long, Transfer> running = new ConcurrentHashMap<>();
  private final AtomicLong lastId = new AtomicLong();
  private final Precedence precedence;
  private final MeterRegistry meters;
  private final Clock clock;

  RunningTransfers(Precedence precedence, MeterRegistry meters, Clock clock) {
    this.precedence = precedence;
    this.meters = meters;
    this.clock = clock;
    for (Direction direction : Direction.values()) {
      Gauge.builder("tiered_storage_transfers_running", running, all -> count(direction))
          .description("Transfers under way, by direction")
          .tag("direction", tag(direction))
          .register(meters);
    }
  }

  /** What a transfer does, from its begin to its end. */
  interface Work<T> {
    T run(Transfer transfer) throws IOException;
  }

  /**
   * Does the work as a transfer that can be seen and cancelled meanwhile.
   *
   * @throws TransferCancelledException if it was cancelled, whatever the work made of that
   */
  <T> T track(Direction direction, ObjectKey key, Purpose purpose, long totalBytes, Work<T> work)
      throws IOException {
    Transfer transfer = begin(direction, key, purpose, totalBytes);
    String outcome = "failed";
    try {
      T result = work.run(transfer);
      outcome = "done";
      return result;
    } catch (IOException | RuntimeException e) {
      if (!transfer.isCancelled()) {
        throw e;
      }
      outcome = "cancelled";
      TransferCancelledException cancelled = transfer.cancellation();
      cancelled.addSuppressed(e);
      throw cancelled;
    } finally {
      end(transfer, outcome);
    }
  }

  /** For a transfer whose end is not that of one call; it has to be ended by {@link #end}. */
  Transfer begin(Direction direction, ObjectKey key, Purpose purpose, long totalBytes) {
    Transfer transfer =
        new Transfer(lastId.incrementAndGet(), direction, key, purpose, totalBytes, clock.millis());
    running.put(transfer.id(), transfer);
    precedence.begin(purpose.priority());
    return transfer;
  }

  /**
   * @param outcome done, failed or cancelled
   */
  void end(Transfer transfer, String outcome) {
    if (running.remove(transfer.id()) == null) {
      return;
    }
    precedence.end(transfer.purpose().priority());
    String direction = tag(transfer.direction());
    Timer.builder("tiered_storage_transfers")
        .description("Ended transfers of whole files or objects, by direction and outcome")
        .tag("direction", direction)
        .tag("outcome", outcome)
        .publishPercentileHistogram()
        .minimumExpectedValue(SHORTEST)
        .maximumExpectedValue(LONGEST)
        .register(meters)
        .record(
            Math.max(0, clock.millis() - transfer.status().startedMillis()), TimeUnit.MILLISECONDS);
    Counter.builder("tiered_storage_transfer_bytes")
        .description("Bytes of ended transfers, by direction; of those that failed too")
        .tag("direction", direction)
        .register(meters)
        .increment((double) transfer.doneBytes());
  }

  /** Oldest first. */
  List<TransferStatus> list() {
    return running.values().stream()
        .map(Transfer::status)
        .sorted(Comparator.comparingLong(TransferStatus::id))
        .toList();
  }

  /** Whether there was such a transfer. */
  boolean cancel(long id) {
    Transfer transfer = running.get(id);
    if (transfer == null) {
      return false;
    }
    transfer.cancel();
    return true;
  }

  private long count(Direction direction) {
    return running.values().stream().filter(t -> t.direction() == direction).count();
  }

  private static String tag(Direction direction) {
    return direction.name().toLowerCase(Locale.ROOT);
  }
}
