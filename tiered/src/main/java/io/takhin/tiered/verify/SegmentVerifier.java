package io.takhin.tiered.verify;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.archive.SegmentObjects;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Quarantine;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.transfer.SegmentTasks;
import io.takhin.tiered.transfer.TransferEngine;
import io.takhin.tiered.transfer.Workers;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether bucket, catalog and local files still say the same, when somebody asks, and by
 * itself in the background within a budget. See {@link Level} for how deep.
 *
 * <p>Nothing that merely moves is taken for damage, see {@link SegmentCheck}. Repairs are made only
 * when asked for, see {@link Repairs}; what cannot be repaired is quarantined. Nothing is ever
 * deleted.
 *
 * <p>Thread-safe. One asked run at a time works, others wait for it; the background has a thread of
 * its own.
 */
public final class SegmentVerifier implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentVerifier.class);
  private static final int MAX_WAITING_RUNS = 8;
  private static final int TURN_THREADS = 2;
  private static final int MAX_WAITING_TURNS = 16;

  /**
   * What is verified, and by what means.
   *
   * @param tasks the operations of the segments, among which a verification takes its turn
   */
  public record Parts(
      SegmentCatalog catalog,
      LocalCopies copies,
      ObjectStore store,
      SegmentObjects objects,
      TransferEngine engine,
      SegmentTasks<SegmentMetadata> tasks,
      Quarantine quarantine,
      Clock clock,
      StepObserver steps) {}

  private final Parts parts;
  private final VerifyOptions options;
  private final VerifyMeters meters;
  private final Stoppable pauses = new Stoppable();
  private final Workers asked = new Workers("tiered-verify", 1, MAX_WAITING_RUNS);
  private final Workers turns = new Workers("tiered-verify-turn", TURN_THREADS, MAX_WAITING_TURNS);
  private final Workers background = new Workers("tiered-verify-background", 1, 1);
  private final BackgroundRounds rounds;
  private final MeterRegistry registry;
  private final List<Meter> gauges = new ArrayList<>();
  private volatile @Nullable VerifyReport last;
  private volatile @Nullable Tally running;

  /**
   * A verifier without threads yet.
   *
   * @throws CatalogException if the catalog holds a position that cannot be read
   */
  public SegmentVerifier(Parts parts, VerifyOptions options, MeterRegistry registry)
      throws CatalogException {
    this.parts = parts;
    this.options = options;
    this.registry = registry;
    this.meters = new VerifyMeters(registry);
    TokenBucket requests = new TokenBucket(options.requestsPerDay(), pauses);
    TokenBucket bytes = new TokenBucket(options.bytesPerDay(), pauses);
    this.rounds =
        new BackgroundRounds(
            parts.catalog().notes(Cursor.FORMAT),
            options,
            new BackgroundRounds.Rounds() {
              @Override
              public Tally tally(VerifyRequest request) {
                return tallyOf(request);
              }

              @Override
              public void goThrough(Tally tally, Position from, Consumer<Position> progress)
                  throws IOException, CatalogException, InterruptedException {
                round(tally, requests, bytes, progress).goThrough(from);
              }
            },
            pauses,
            parts.clock());
    gauges.add(
        Gauge.builder(
                "tiered.storage.verify.oldest_unverified_age_seconds",
                rounds::oldestUnverifiedAgeSeconds)
            .description(
                "How long the segment that waits longest for the background verification"
                    + " has not been looked at, at most")
            .register(registry));
    gauges.add(
        Gauge.builder("tiered.storage.verify.last_round_seconds", rounds::lastRoundSeconds)
            .description(
                "When the background verification last ended a whole round, in seconds"
                    + " since the epoch; 0 for never")
            .register(registry));
  }

  /** Begins with the background rounds, unless they are switched off. */
  public void start() {
    if (options.isOn()) {
      background.execute(rounds);
    }
  }

  /**
   * Begins a verification, or puts it in line.
   *
   * @throws RejectedExecutionException if too many wait already, or this is closed
   */
  public VerifyRun begin(VerifyRequest request) {
    Tally tally = tallyOf(request);
    CompletableFuture<VerifyReport> outcome = new CompletableFuture<>();
    asked.execute(() -> run(tally, outcome));
    return new VerifyRun(tally::report, outcome);
  }

  /** The latest asked run that ended since the start of the process. */
  public Optional<VerifyReport> last() {
    return Optional.ofNullable(last);
  }

  /** How far the asked run is that works now. */
  public Optional<VerifyReport> running() {
    return Optional.ofNullable(running).map(Tally::report);
  }

  /** How the background verification stands. */
  public BackgroundState background() {
    return rounds.state();
  }

  private Tally tallyOf(VerifyRequest request) {
    long segments = 0;
    if (request.topic() == null) {
      segments = parts.catalog().stats().segments();
    } else {
      for (PartitionId partition : parts.catalog().partitions()) {
        if (partition.topic().equals(request.topic())) {
          segments += parts.catalog().segments(partition).size();
        }
      }
    }
    return new Tally(request, parts.clock().millis(), segments, meters);
  }

  private void run(Tally tally, CompletableFuture<VerifyReport> outcome) {
    String problem = null;
    running = tally;
    try {
      TokenBucket unlimited = new TokenBucket(TokenBucket.UNLIMITED, pauses);
      round(tally, unlimited, unlimited, position -> {}).goThrough(Position.BEGIN);
    } catch (InterruptedException e) {
      problem = "ended, because the archiver is closing";
    } catch (IOException | CatalogException | RuntimeException e) {
      problem = String.valueOf(e.getMessage());
      LOG.warn("verify_ended_early action=\"see the error, and ask again\"", e);
    } catch (Error e) {
      outcome.completeExceptionally(e);
      throw e;
    } finally {
      running = null;
    }
    tally.ended(parts.clock().millis(), problem);
    VerifyReport report = tally.report();
    last = report;
    LOG.info(
        "verify_ended level={} topic={} segments={} findings={} unrepaired={} problem={}",
        report.request().level().number(),
        report.request().topic(),
        report.segmentsChecked(),
        report.findingCount(),
        report.unrepaired(),
        problem);
    outcome.complete(report);
  }

  private Round round(
      Tally tally, TokenBucket requests, TokenBucket bytes, Consumer<Position> progress) {
    Pace pace = new RunPace(tally, requests, bytes, pauses);
    Bytes reading = new Bytes(parts.engine(), pace);
    Repairs repairs =
        new Repairs(
            parts.catalog(),
            parts.objects(),
            new ObjectRepairs(parts.objects(), parts.engine(), reading, parts.steps()),
            new LocalRepairs(
                parts.catalog(), parts.copies(), parts.engine(), reading, parts.steps()),
            parts.clock(),
            parts.steps());
    Examiner examiner =
        new Examiner(
            parts.catalog(), parts.copies(), parts.store(), parts.objects(), parts.engine(), pace);
    SegmentCheck check =
        new SegmentCheck(
            parts.catalog(), parts.tasks(), turns, examiner, repairs, parts.quarantine());
    Round.Run run = new Round.Run(tally.report().request(), tally, pace, options, parts.clock());
    return new Round(parts.catalog(), parts.store(), parts.objects().keys(), check, run, progress);
  }

  /** Has what runs end at its next step; returns at once. */
  public void stop() {
    pauses.close();
  }

  /** Ends what runs; the background goes on after the next start. */
  @Override
  public void close() {
    stop();
    gauges.forEach(registry::remove);
    asked.close();
    turns.close();
    background.close();
  }
}
