package io.takhin.tiered;

import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.archive.HeldException;
import io.takhin.tiered.archive.Holds;
import io.takhin.tiered.archive.SegmentKeys;
import io.takhin.tiered.archive.WriterEpoch;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Gaps;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentFilter;
import io.takhin.tiered.catalog.SegmentLeases;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentPage;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.disk.DiskWatch;
import io.takhin.tiered.policy.PolicyEngine;
import io.takhin.tiered.policy.PolicyRun;
import io.takhin.tiered.policy.TierPolicy;
import io.takhin.tiered.read.LeasedSegment;
import io.takhin.tiered.read.ReadDecision;
import io.takhin.tiered.read.ReadPace;
import io.takhin.tiered.read.ReadStats;
import io.takhin.tiered.read.SegmentReader;
import io.takhin.tiered.segment.LocalSegments;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.guarded.GuardedStore;
import io.takhin.tiered.store.metered.MeteredStore;
import io.takhin.tiered.store.throttled.RateLimits;
import io.takhin.tiered.store.throttled.ThrottledStore;
import io.takhin.tiered.transfer.TransferCancelledException;
import io.takhin.tiered.transfer.TransferStatus;
import io.takhin.tiered.verify.SegmentVerifier;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Tiered storage for a log of sealed segments: register what was sealed, and segments go to the
 * bucket by age, are freed here once the copy is proved, and come back when somebody reads.
 *
 * <pre>{@code
 * try (TieredStorageManager tiers =
 *     TieredStorageManager.open(options, store, new DirectorySegments(dataDir), meters, clock)) {
 *   tiers.register(SegmentMetadata.sealed(id, endOffset, maxTimestamp, sizeBytes, lastModified));
 *   try (LeasedSegment segment = tiers.open(id, "fetch").get()) {
 *     // read segment.files().log(), wherever it was
 *   }
 * }
 * }</pre>
 *
 * <p>Thread-safe. Methods that return a future do not block; their dependents run on threads of the
 * manager and must not block either. Futures fail with
 *
 * <ul>
 *   <li>{@link CatalogException.UnknownSegment}: there is no such segment, or it is being deleted
 *   <li>{@link SegmentBusyException} or {@link CatalogException.Conflict}: not now
 *   <li>{@link StoreException}: by the store, sorted by what can be done about it
 *   <li>{@link TransferCancelledException}: somebody called {@link #cancelTransfer}
 *   <li>{@link CatalogException.Unwritable} and other {@link IOException}s: disk, checksum, files
 *       that are not what was registered
 * </ul>
 *
 * and nothing is lost or freed by a failure.
 */
public final class TieredStorageManager implements AutoCloseable {

  private final MeteredStore store;
  private final RateLimits limits;
  private final Clock clock;
  private final Machinery machinery;
  private final PartitionDeleter deleter;
  private final Deletions deletions;
  private final PolicyEngine engine;
  private final TierPolicy policy;
  private final Quarantined quarantined;

  private TieredStorageManager(
      MeteredStore store,
      RateLimits limits,
      Clock clock,
      Machinery machinery,
      PolicyEngine engine,
      TierPolicy policy) {
    this.policy = policy;
    this.store = store;
    this.limits = limits;
    this.clock = clock;
    this.machinery = machinery;
    this.engine = engine;
    this.deleter = new PartitionDeleter(machinery);
    this.deletions = new Deletions(machinery, deleter);
    this.quarantined = new Quarantined(machinery, engine);
  }

  /**
   * Opens the catalog, brings it and the local files to agree, and begins to work in the
   * background. A store that does not answer is no failure: local segments are served, and what
   * needs the store is tried again. {@link TieredStats#store} says why.
   *
   * @param store stays the caller's: close it after the manager
   * @param local the log's files; has to answer from now on
   * @throws CatalogException if the catalog file cannot be used
   * @throws IOException if the directory of restored segments cannot be read
   */
  public static TieredStorageManager open(
      TieredOptions options,
      ObjectStore store,
      LocalSegments local,
      MeterRegistry meters,
      Clock clock)
      throws CatalogException, IOException {
    return open(options, store, local, meters, clock, Seams.NONE);
  }

  static TieredStorageManager open(
      TieredOptions options,
      ObjectStore store,
      LocalSegments local,
      MeterRegistry meters,
      Clock clock,
      Seams seams)
      throws CatalogException, IOException {
    TierPolicy policy =
        new TierPolicy(
            options.warmAge(), options.coldAge(), options.minResidency(), options.autoArchive());
    MeteredStore metered = new MeteredStore(store, meters, clock);
    RateLimits limits = options.limits();
    // Outside of what measures, so that the time of a request is not that of its waiting.
    GuardedStore guarded =
        new GuardedStore(
            new ThrottledStore(metered, limits), new SegmentKeys(options.keyPrefix()).probe());
    Machinery machinery = Machinery.open(options, guarded, local, meters, clock, seams);
    PolicyEngine engine =
        PolicyEngine.start(
            machinery.catalog,
            policy,
            machinery.mover,
            machinery.isolation,
            clock,
            options.archiveInterval(),
            options.archiveParallelism() * 2);
    machinery.runPolicyOn(engine::runSoon);
    return new TieredStorageManager(metered, limits, clock, machinery, engine, policy);
  }

  /**
   * Adds a sealed segment; durable when this returns. A known one stays as it is.
   *
   * @return what the catalog holds
   */
  public SegmentMetadata register(SegmentMetadata sealed) throws CatalogException {
    return machinery.catalog.register(sealed);
  }

  /** Adds sealed segments as one durable write. */
  public List<SegmentMetadata> registerAll(Collection<SegmentMetadata> sealed)
      throws CatalogException {
    return machinery.catalog.registerAll(sealed);
  }

  /** What is known of the segment. */
  public Optional<SegmentMetadata> find(SegmentId id) {
    return machinery.catalog.find(id);
  }

  /** The segment with {@code baseOffset <= offset < endOffset}. */
  public Optional<SegmentMetadata> covering(PartitionId partition, long offset) {
    return machinery.catalog.covering(partition, offset);
  }

  /** The partition's segments in offset order; a copy. */
  public List<SegmentMetadata> segments(PartitionId partition) {
    return machinery.catalog.segments(partition);
  }

  /** The partitions that have segments. */
  public Set<PartitionId> partitions() {
    return machinery.catalog.partitions();
  }

  /** One page in the order of the ids; see {@link SegmentCatalog#list}. */
  public SegmentPage list(SegmentFilter filter, @Nullable SegmentId after, int max) {
    return machinery.catalog.list(filter, after, max);
  }

  public TieredStats stats() {
    return new TieredStats(
        machinery.catalog.stats(),
        store.traffic(),
        store.health(),
        engine.lastRun(),
        machinery.work.oldestUnarchivedAgeSeconds(clock.millis()),
        machinery.tasks.size(),
        machinery.work.unfinishedCount(clock.millis()),
        machinery.writer.status(),
        machinery.quarantine.counts());
  }

  /**
   * What reads of cold segments have cost since this was opened, in all and by topic, and what is
   * cached of them. Local segments cost nothing and are not counted.
   */
  public ReadStats readStats() {
    return machinery.segmentReads.stats();
  }

  /**
   * Moves a segment out, whatever its age: uploads one that is only here, and frees local files
   * that are proved in the bucket. Callers who ask for the same share one operation.
   *
   * @return the segment, remote; or archived, where its files have to stay for now: a reader came
   *     meanwhile, or the minimum residency has not passed
   */
  public CompletableFuture<SegmentMetadata> archive(SegmentId id, String reason) {
    Optional<SegmentMetadata> segment = known(id);
    if (segment.isEmpty()) {
      return CompletableFuture.failedFuture(unknown(id));
    }
    SegmentState state = segment.get().state();
    if (state instanceof SegmentState.RemoteOnly) {
      return CompletableFuture.completedFuture(segment.get());
    }
    return state.receipt().isPresent()
        ? machinery.mover.reclaim(id, reason)
        : machinery.mover.archive(id, reason);
  }

  /** Brings a segment's files back to this machine; nothing happens if they are here. */
  public CompletableFuture<SegmentMetadata> restore(SegmentId id, String reason) {
    return known(id).isPresent()
        ? machinery.reads.restore(id, reason)
        : CompletableFuture.failedFuture(unknown(id));
  }

  /**
   * The read hook: the segment's files, restored first where needed, to be closed by the caller.
   * However many readers wait for a segment, it is downloaded once. Complete at once when the files
   * are here.
   */
  public CompletableFuture<LeasedSegment> open(SegmentId id, String reason) {
    return known(id).isPresent()
        ? machinery.reads.open(id, reason)
        : CompletableFuture.failedFuture(unknown(id));
  }

  /**
   * Reads the segment's bytes wherever they are, without restoring it first unless the read mode
   * says so. For fetches of old data: the first bytes come after one or two small requests.
   */
  public SegmentReader reader(SegmentId id) {
    return machinery.segmentReads.reader(id);
  }

  /** Has what is read ahead of cold segments from now on go at a pace. */
  public void paceReadAhead(ReadPace pace) {
    machinery.segmentReads.paceAhead(pace);
  }

  /**
   * Whether a cold segment is streamed or restored, and why; empty if it was not streamed since it
   * was last local. In memory only.
   */
  public Optional<ReadDecision> readDecision(SegmentId id) {
    return machinery.segmentReads.decision(id);
  }

  /**
   * A lease on files that are here now; empty if they are not, or are being freed. For an embedder
   * that reads local segments by its own means and wants them to stay meanwhile.
   */
  public Optional<SegmentLeases.Lease> leaseLocal(SegmentId id) {
    return machinery.reads.leaseLocal(id);
  }

  /**
   * Deletes a partition. When the future completes, its segments can no longer be read, and that is
   * durable; their objects are removed in the background, also after a restart, when {@link
   * TieredOptions#deleteDelay} has passed; until then {@link #deletions} brings them back. The
   * log's own files are the embedder's to delete. May be repeated.
   *
   * <p>Fails with {@link HeldException}, and deletes nothing, if a hold keeps any of it. Fails if a
   * segment's broken-off upload cannot be settled because the store does not answer; the other
   * segments are deleted all the same.
   */
  public CompletableFuture<Void> deletePartition(PartitionId partition) {
    return deleter.deleteAll(partition);
  }

  /**
   * Deletes the segments that end at or below the offset, as when a log's start moves up: by
   * retention, or because records were deleted on request. Those that a hold keeps stay; a log
   * should not start behind {@link Holds#firstHeldOffset}. Otherwise like {@link #deletePartition}.
   */
  public CompletableFuture<Void> deleteBelow(PartitionId partition, long logStartOffset) {
    return deleter.deleteBelow(partition, logStartOffset);
  }

  /** What is deleted and not removed yet, and the way back. */
  public Deletions deletions() {
    return deletions;
  }

  /** What is kept from being removed by anybody, until it is released. */
  public Holds holds() {
    return machinery.holds;
  }

  /** Whether objects of a deleted partition of the topic are still to be removed. */
  public boolean isDeleting(String topic) {
    return machinery.work.isDeleting(topic);
  }

  /** What decides about tiers, for whoever wants to tell what happens to a segment next. */
  public TierPolicy policy() {
    return policy;
  }

  /**
   * Does now what is done on schedule: goes on with what was broken off, then applies the policy to
   * the segments that are due. A store that was down is asked at once. Blocks until it is done.
   */
  public PolicyRun runPolicy() throws InterruptedException {
    machinery.store.probeNow();
    machinery.keep();
    machinery.disk.keep();
    return engine.runOnce();
  }

  /** Whether this process may write to its prefix, and how an operator takes it over. */
  public WriterEpoch writer() {
    return machinery.writer;
  }

  /** The segments that failed by themselves. */
  public Quarantined quarantine() {
    return quarantined;
  }

  /** How full the disk is, when it will be full, and whether something may be written. */
  public DiskWatch disk() {
    return machinery.disk.watch();
  }

  /** What was given up because the disk was full. */
  public Gaps gaps() {
    return machinery.disk.gaps();
  }

  /** The files that travel at this moment, either way, oldest first. */
  public List<TransferStatus> transfers() {
    return machinery.engine.running();
  }

  /**
   * Ends a transfer. What it was part of, an archive or a restore, fails with a {@link
   * TransferCancelledException}; nothing of the file stays behind, and nothing is lost: the next
   * policy run, or the next reader, begins anew.
   *
   * @param id as {@link #transfers} told it
   * @return false if there is none of that id any more
   */
  public boolean cancelTransfer(long id) {
    return machinery.engine.cancel(id);
  }

  /** Finds out whether bucket, catalog and local files agree, and repairs what does not. */
  public SegmentVerifier verifier() {
    return machinery.verifier;
  }

  /** What removes from the bucket what has no owner. */
  public Sweeps sweeper() {
    return machinery.sweeps;
  }

  /** How fast payload may go to the store and come from it; may be changed at any time. */
  public RateLimits limits() {
    return limits;
  }

  /** One that is being deleted is not known any more. */
  private Optional<SegmentMetadata> known(SegmentId id) {
    return machinery
        .catalog
        .find(id)
        .filter(segment -> !(segment.state() instanceof SegmentState.Deleting));
  }

  /** A segment that has files and is not registered is the one being written. */
  private Exception unknown(SegmentId id) {
    try {
      machinery.copies.own().locate(id);
      return new SegmentBusyException(id, "it is not sealed yet");
    } catch (NoSuchFileException e) {
      return new CatalogException.UnknownSegment(id);
    } catch (IOException e) {
      return e;
    }
  }

  /**
   * Ends what is under way, promptly, and closes the catalog. Uploads are aborted; whatever was
   * broken off is continued after the next start. The store stays open.
   */
  @Override
  public void close() throws CatalogException {
    engine.close();
    deleter.close();
    machinery.close();
  }
}
