package io.takhin.tiered;

import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.archive.Archiver;
import io.takhin.tiered.archive.LocalReclaimer;
import io.takhin.tiered.archive.Recovery;
import io.takhin.tiered.archive.SegmentKeys;
import io.takhin.tiered.archive.SegmentMover;
import io.takhin.tiered.archive.SegmentObjects;
import io.takhin.tiered.archive.SegmentRemover;
import io.takhin.tiered.archive.UnfinishedWork;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.read.ReadHook;
import io.takhin.tiered.read.SegmentReads;
import io.takhin.tiered.read.SegmentRestorer;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.segment.LocalSegments;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.transfer.SegmentTasks;
import io.takhin.tiered.transfer.TransferEngine;
import io.takhin.tiered.transfer.Workers;
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

  final SegmentCatalog catalog;
  final LocalCopies copies;
  final UnfinishedWork work = new UnfinishedWork();
  final SegmentTasks<SegmentMetadata> tasks = new SegmentTasks<>();
  final SegmentMover mover;
  final ReadHook reads;
  final Recovery recovery;
  final SegmentReads segmentReads;
  final LocalCache cache;
  final Housekeeping housekeeping;
  final TransferEngine engine;

  private final Duration housekeepingInterval;
  private final Workers uploads;
  private final Workers moves;
  private final Workers restores;
  private final TierGauges gauges;

  Machinery(
      TieredOptions options,
      SegmentCatalog catalog,
      ObjectStore store,
      LocalSegments local,
      MeterRegistry meters,
      Clock clock,
      Seams seams) {
    this.catalog = catalog;
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
    SegmentObjects objects = new SegmentObjects(store, new SegmentKeys(options.keyPrefix()), steps);
    Archiver archiver = new Archiver(catalog, copies, objects, engine, clock, steps);
    LocalReclaimer reclaimer =
        new LocalReclaimer(catalog, copies, objects, options.minResidency(), clock, steps);
    SegmentRemover remover =
        new SegmentRemover(catalog, copies.restored(), objects, archiver, steps);
    this.mover = new SegmentMover(tasks, uploads, moves, archiver, reclaimer, remover, meters);
    this.recovery = new Recovery(catalog, copies, work, mover, steps);
    SegmentRestorer restorer = new SegmentRestorer(catalog, copies, engine, seams.space(), steps);
    this.reads = new ReadHook(catalog, copies, tasks, restores, restorer, clock, meters);
    this.housekeeping = new Housekeeping("tiered-housekeeping", this::keep);
    this.segmentReads =
        new SegmentReads(options.reads(), catalog, copies, reads, store, meters, clock);
    this.cache =
        new LocalCache(catalog, mover, segmentReads, options.localCacheBytes(), housekeeping::soon);
    this.gauges = new TierGauges(meters, catalog, work, clock);
  }

  /** Recovers what needs no store, and begins with what does. */
  void start() throws IOException {
    catalog.addListener(work);
    recovery.atStart();
    cache.start();
    housekeeping.start(housekeepingInterval);
  }

  /** What the housekeeping does, and each policy run before it decides. */
  void keep() throws InterruptedException {
    recovery.pass();
    cache.enforce();
  }

  /**
   * Ends everything promptly. Parts under way are interrupted first: their uploads then abort on
   * threads that still run. What was not finished is finished after the next start.
   */
  @Override
  public void close() throws CatalogException {
    gauges.close();
    segmentReads.close();
    engine.close();
    uploads.close();
    restores.close();
    housekeeping.close();
    moves.close();
    catalog.close();
  }
}
