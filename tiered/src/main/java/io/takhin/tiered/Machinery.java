package io.takhin.tiered;

import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.archive.Archiver;
import io.takhin.tiered.archive.GapRecords;
import io.takhin.tiered.archive.GapUpkeep;
import io.takhin.tiered.archive.Holds;
import io.takhin.tiered.archive.Isolation;
import io.takhin.tiered.archive.LocalReclaimer;
import io.takhin.tiered.archive.OrphanSweeper;
import io.takhin.tiered.archive.Recovery;
import io.takhin.tiered.archive.SegmentKeys;
import io.takhin.tiered.archive.SegmentMover;
import io.takhin.tiered.archive.SegmentObjects;
import io.takhin.tiered.archive.SegmentRemover;
import io.takhin.tiered.archive.ShedRound;
import io.takhin.tiered.archive.Shedder;
import io.takhin.tiered.archive.UnfinishedWork;
import io.takhin.tiered.archive.WriterEpoch;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Gaps;
import io.takhin.tiered.catalog.Quarantine;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.disk.DiskWatch;
import io.takhin.tiered.read.ReadHook;
import io.takhin.tiered.read.SegmentReads;
import io.takhin.tiered.read.SegmentRestorer;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.segment.LocalSegments;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.guarded.GuardedStore;
import io.takhin.tiered.transfer.SegmentTasks;
import io.takhin.tiered.transfer.TransferEngine;
import io.takhin.tiered.transfer.Workers;
import io.takhin.tiered.verify.SegmentVerifier;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;

/**
 * The parts and their threads, put together. Made by the manager, which also decides when they
 * begin; closed in the order in which they depend on each other.
 */
final class Machinery implements AutoCloseable {
  /** Short operations: a few requests each. */
  private static final int MOVE_THREADS = 4;

  /** What was broken off does not wait for the next policy run when that is far away. */
  private static final Duration MAX_HOUSEKEEPING_INTERVAL = Duration.ofSeconds(30);

  private static final Duration LEAST_FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration MOST_FIRST_WAIT = Duration.ofHours(1);

  final SegmentCatalog catalog;
  final LocalCopies copies;
  final UnfinishedWork work = new UnfinishedWork();
  final SegmentTasks<SegmentMetadata> tasks = new SegmentTasks<>();
  final Holds holds;
  final WriterEpoch writer;
  final Quarantine quarantine;
  final Isolation isolation;
  final SegmentMover mover;
  final ReadHook reads;
  final Recovery recovery;
  final SegmentReads segmentReads;
  final LocalCache cache;
  final Housekeeping housekeeping;
  final TransferEngine engine;
  final SegmentVerifier verifier;
  final GuardedStore store;
  final DiskKeeper disk;
  final Sweeps sweeps;

  private final Duration housekeepingInterval;
  private final Duration sweepInterval;
  private final Workers uploads;
  private final Workers moves;
  private final Workers restores;
  private final TierGauges gauges;
  private final IsolationGauges isolationGauges;
  private volatile Runnable policySoon = () -> {};

  /**
   * Put together and started, or closed with the catalog and all that it had begun.
   *
   * @param store stays open
   */
  static Machinery open(
      TieredOptions options,
      GuardedStore store,
      LocalSegments local,
      MeterRegistry meters,
      Clock clock,
      Seams seams)
      throws CatalogException, IOException {
    SegmentCatalog catalog = SegmentCatalog.open(options.catalogFile(), clock);
    Machinery machinery;
    try {
      machinery = new Machinery(options, catalog, store, local, meters, clock, seams);
    } catch (CatalogException | RuntimeException | Error e) {
      store.stopProbing();
      closeAfter(e, catalog::close);
      throw e;
    }
    try {
      machinery.start();
      return machinery;
    } catch (IOException | RuntimeException | Error e) {
      closeAfter(e, machinery::close);
      throw e;
    }
  }

  /** What is closed after a failure. */
  private interface Closing {
    void close() throws CatalogException;
  }

  private static void closeAfter(Throwable failure, Closing opened) {
    try {
      opened.close();
    } catch (CatalogException suppressed) {
      failure.addSuppressed(suppressed);
    }
  }

  private Machinery(
      TieredOptions options,
      SegmentCatalog catalog,
      GuardedStore store,
      LocalSegments local,
      MeterRegistry meters,
      Clock clock,
      Seams seams)
      throws CatalogException {
    this.catalog = catalog;
    this.store = store;
    Duration interval = options.archiveInterval();
    this.housekeepingInterval =
        interval.compareTo(MAX_HOUSEKEEPING_INTERVAL) < 0 ? interval : MAX_HOUSEKEEPING_INTERVAL;
    this.copies = new LocalCopies(local, new DirectorySegments(options.restoredDir()));
    this.engine = new TransferEngine(store, options.transfer(), seams.space(), meters, clock);
    int queued = options.maxQueuedOperations();
    this.uploads = new Workers("tiered-archive", options.archiveParallelism(), queued);
    this.moves = new Workers("tiered-move", MOVE_THREADS, queued);
    this.restores = new Workers("tiered-restore", options.restoreParallelism(), queued);
    StepObserver steps = seams.steps();
    SegmentKeys keys = new SegmentKeys(options.keyPrefix());
    this.writer = WriterEpoch.open(catalog, store, keys, clock, steps);
    this.quarantine =
        Quarantine.open(catalog, options.archiveAttempts(), firstWait(options), clock);
    this.isolation = new Isolation(catalog, quarantine, writer, clock, steps);
    SegmentObjects objects = new SegmentObjects(store, keys, writer, steps);
    this.holds = new Holds(catalog, store, keys, writer, steps);
    Archiver archiver = new Archiver(catalog, copies, objects, engine, writer, clock, steps);
    LocalReclaimer reclaimer =
        new LocalReclaimer(catalog, copies, objects, writer, options.minResidency(), clock, steps);
    SegmentRemover remover =
        new SegmentRemover(
            catalog,
            copies.restored(),
            objects,
            archiver,
            holds,
            new SegmentRemover.Delay(options.deleteDelay(), clock),
            steps);
    this.mover =
        new SegmentMover(
            new SegmentMover.Lanes(tasks, uploads, moves),
            archiver,
            reclaimer,
            remover,
            isolation,
            meters);
    this.recovery = new Recovery(catalog, copies, work, mover, holds, isolation, clock, steps);
    this.sweepInterval = options.sweepInterval();
    this.sweeps =
        new Sweeps(
            new OrphanSweeper(catalog, store, objects, mover, options.sweepGrace(), clock, steps),
            meters);
    SegmentRestorer restorer = new SegmentRestorer(catalog, copies, engine, seams.space(), steps);
    this.reads = new ReadHook(catalog, copies, tasks, restores, restorer, clock, meters);
    this.housekeeping = new Housekeeping("tiered-housekeeping", this::keep);
    this.segmentReads =
        new SegmentReads(options.reads(), catalog, copies, reads, store, meters, clock);
    this.cache =
        new LocalCache(
            catalog, mover, isolation, segmentReads, options.localCacheBytes(), housekeeping::soon);
    this.verifier =
        new SegmentVerifier(
            new SegmentVerifier.Parts(
                catalog, copies, store, objects, engine, tasks, quarantine, clock, steps),
            options.verify(),
            meters);
    Gaps gaps = new Gaps(catalog);
    GapUpkeep upkeep =
        new GapUpkeep(
            catalog,
            gaps,
            copies,
            new GapRecords(store, keys, writer),
            id -> tasks.underWay(id).isPresent(),
            steps);
    Shedder shedder = new Shedder(catalog, gaps, copies, holds::covers, meters, clock, steps);
    this.disk =
        new DiskKeeper(
            options,
            new DiskWatch(options.dataDir(), options.outage(), meters, clock),
            gaps,
            upkeep,
            new ShedRound(catalog, work, tasks, moves, reclaimer, shedder, upkeep),
            this,
            clock);
    store.onAnswer(this::storeAnswers);
    this.gauges = new TierGauges(meters, catalog, work, holds, gaps, clock);
    this.isolationGauges = new IsolationGauges(meters, quarantine, writer);
  }

  private void storeAnswers() {
    housekeeping.soon();
    policySoon();
  }

  /** How a policy run is asked for; until this is called nobody can. */
  void runPolicyOn(Runnable request) {
    policySoon = request;
  }

  /** Has a policy run begin soon. */
  void policySoon() {
    policySoon.run();
  }

  /** Of the order of a pass, so that a segment that keeps failing is not tried in each. */
  private static Duration firstWait(TieredOptions options) {
    Duration interval = options.archiveInterval();
    if (interval.compareTo(LEAST_FIRST_WAIT) < 0) {
      return LEAST_FIRST_WAIT;
    }
    return interval.compareTo(MOST_FIRST_WAIT) > 0 ? MOST_FIRST_WAIT : interval;
  }

  /** Recovers what needs no store, and begins with what does. */
  private void start() throws IOException {
    catalog.addListener(work);
    recovery.atStart();
    cache.start();
    disk.start();
    housekeeping.start(housekeepingInterval);
    sweeps.start(sweepInterval);
    verifier.start();
  }

  /** What the housekeeping does, and each policy run before it decides. */
  void keep() throws InterruptedException {
    writer.refresh();
    recovery.pass();
    cache.enforce();
  }

  /**
   * Ends everything promptly. Parts under way are interrupted first: their uploads then abort on
   * threads that still run. What was not finished is finished after the next start.
   */
  @Override
  public void close() throws CatalogException {
    isolation.close();
    gauges.close();
    isolationGauges.close();
    store.stopProbing();
    disk.close();
    sweeps.close();
    segmentReads.close();
    verifier.stop();
    engine.close();
    verifier.close();
    uploads.close();
    restores.close();
    housekeeping.close();
    moves.close();
    catalog.close();
  }
}
