package io.takhin.tiered.read;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentLeases.Lease;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.read.SegmentStreams.Remote;
import io.takhin.tiered.segment.ByteRange;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.segment.SegmentFiles;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.transfer.Purpose;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads of segments, wherever they are: local files as they are, others by streaming or after a
 * restore, as the mode says. See {@link SegmentReader} for what a read gives.
 *
 * <p>The state is looked at once for each read. A segment that is being freed meanwhile is
 * streamed, because it has a proof; one that is being restored is streamed until it is here.
 */
public final class SegmentReads implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentReads.class);

  private static final int MAX_REMOTES = 1024;

  private final ReadOptions options;
  private final SegmentCatalog catalog;
  private final LocalCopies copies;
  private final ReadHook hook;
  private final Clock clock;
  private final ChunkParts parts;
  private final SegmentStreams streams;
  private final ReadAhead readAhead;
  private final RestoreJudge judge;
  private final ChunkAssembler assembler;

  /** Of the segments read last: the names of their objects cost more than many a read. */
  private final Cache<SegmentId, Remote> remotes =
      Caffeine.newBuilder().maximumSize(MAX_REMOTES).executor(Runnable::run).build();

  /** Nothing is read before {@link #start}. */
  public SegmentReads(
      ReadOptions options,
      SegmentCatalog catalog,
      LocalCopies copies,
      ReadHook hook,
      ObjectStore store,
      MeterRegistry registry,
      Clock clock) {
    this.options = options;
    this.catalog = catalog;
    this.copies = copies;
    this.hook = hook;
    this.clock = clock;
    this.judge = new RestoreJudge(options, clock);
    this.parts =
        new ChunkParts(options.chunks(), LogProofs.Format.READ_INDEX, store, registry, clock);
    this.streams = new SegmentStreams(parts.reads, parts.proofs);
    this.assembler = new ChunkAssembler(parts.cache, streams);
    this.readAhead = parts.readAhead(new FollowingLogs());
  }

  /** Takes up what an earlier run has cached. */
  public void start() throws IOException {
    parts.start();
  }

  /** Has what is read ahead from now on go at a pace. */
  public void paceAhead(ReadPace pace) {
    parts.fetcher.paceAhead(pace);
  }

  /** A reader of the segment; whether it exists shows when it is used. */
  public SegmentReader reader(SegmentId id) {
    return new SegmentReader(this, id);
  }

  /** What was decided about a segment that was streamed since it was last local. */
  public Optional<ReadDecision> decision(SegmentId id) {
    return judge.decision(id);
  }

  CompletableFuture<CachedRange> read(
      SegmentId id, FileKind kind, long positionBytes, int minBytes, int maxBytes) {
    try {
      SegmentMetadata segment = readable(id);
      Optional<CachedRange> local = local(segment, kind, positionBytes, maxBytes);
      if (local.isPresent()) {
        return CompletableFuture.completedFuture(local.get());
      }
      Remote remote = remote(segment);
      catalog.touch(id, clock.millis());
      if (options.mode() == ReadMode.RESTORE) {
        return hook.open(id, "read")
            .thenCompose(leased -> opened(leased, kind, positionBytes, maxBytes));
      }
      CompletableFuture<CachedRange> answer =
          streams.read(remote, kind, positionBytes, minBytes, maxBytes);
      if (kind == FileKind.LOG) {
        note(remote, SegmentStreams.clipped(remote.log(), positionBytes, maxBytes), answer);
      }
      return answer;
    } catch (IOException | CatalogException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private SegmentMetadata readable(SegmentId id) throws CatalogException {
    return catalog
        .find(id)
        .filter(segment -> !(segment.state() instanceof SegmentState.Deleting))
        .orElseThrow(() -> new CatalogException.UnknownSegment(id));
  }

  private Remote remote(SegmentMetadata segment) throws ReadRefusedException {
    return remote(
        segment.id(),
        segment
            .state()
            .receipt()
            .orElseThrow(
                () -> new ReadRefusedException(segment.id(), "its local files are not there")));
  }

  private Remote remote(SegmentId id, Receipt receipt) {
    Remote known = remotes.getIfPresent(id);
    if (known != null && known.receipt().equals(receipt)) {
      return known;
    }
    Remote remote = new Remote(id, receipt);
    remotes.put(id, remote);
    return remote;
  }

  /** Empty if the files are not here, or are just leaving, and the bucket has them. */
  private Optional<CachedRange> local(
      SegmentMetadata segment, FileKind kind, long positionBytes, int maxBytes) throws IOException {
    if (!segment.state().isLocal()) {
      return Optional.empty();
    }
    Optional<Lease> lease = catalog.leases().read(segment.id());
    if (lease.isEmpty()) {
      return Optional.empty();
    }
    SegmentFiles files;
    try {
      files = copies.locate(segment.id());
    } catch (NoSuchFileException e) {
      lease.get().close();
      if (segment.state().receipt().isPresent()) {
        return Optional.empty();
      }
      throw e;
    } catch (IOException | RuntimeException e) {
      lease.get().close();
      throw e;
    }
    catalog.touch(segment.id(), clock.millis());
    return Optional.of(LocalRanges.open(files, kind, positionBytes, maxBytes, lease.get()::close));
  }

  private static CompletableFuture<CachedRange> opened(
      LeasedSegment leased, FileKind kind, long positionBytes, int maxBytes) {
    try {
      return CompletableFuture.completedFuture(
          LocalRanges.open(leased.files(), kind, positionBytes, maxBytes, leased::close));
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** What a read of a log is followed by: more of the same, or the whole segment. */
  private void note(Remote remote, ByteRange asked, CompletableFuture<CachedRange> answer) {
    if (asked.isEmpty()) {
      return;
    }
    RemoteFile log = remote.log();
    boolean inOrder = readAhead.onRead(log, asked);
    CompletableFuture<Void> unused =
        answer.thenAccept(
            served ->
                judge(
                    remote,
                    log,
                    ByteRange.ofLength(served.positionBytes(), served.lengthBytes()),
                    inOrder));
  }

  private void judge(Remote remote, RemoteFile log, ByteRange range, boolean inOrder) {
    if (judge.isToRestore(log, range, inOrder)) {
      SegmentId id = remote.id();
      LOG.info(
          "restore_in_background segment={} reason=\"{}\"",
          id,
          judge.decision(id).map(ReadDecision::reason).orElse(""));
      CompletableFuture<SegmentMetadata> unused =
          hook.restore(
                  id,
                  Purpose.background("read often or nearly whole"),
                  bucket -> assembler.source(remote, bucket))
              .whenComplete(
                  (restored, failure) -> {
                    if (failure != null) {
                      LOG.info(
                          "restore_in_background_failed segment={} problem=\"{}\" action=\"none, it"
                              + " is streamed\"",
                          id,
                          failure.toString());
                    }
                    judge.ended(id);
                  });
    }
  }

  CompletableFuture<SegmentIndexes> indexes(SegmentId id) {
    try {
      SegmentMetadata segment = readable(id);
      Optional<SegmentIndexes> local = localIndexes(segment);
      if (local.isPresent()) {
        return CompletableFuture.completedFuture(local.get());
      }
      return streams.indexes(remote(segment));
    } catch (IOException | CatalogException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private Optional<SegmentIndexes> localIndexes(SegmentMetadata segment) throws IOException {
    Optional<CachedRange> offsets = localIndex(segment, FileKind.INDEX);
    if (offsets.isEmpty()) {
      return Optional.empty();
    }
    Optional<CachedRange> times;
    try {
      times = localIndex(segment, FileKind.TIMEINDEX);
    } catch (IOException e) {
      offsets.get().close();
      throw e;
    }
    if (times.isEmpty()) {
      offsets.get().close();
      return Optional.empty();
    }
    return Optional.of(SegmentIndexes.of(segment.id(), offsets.get(), times.get()));
  }

  /** An index that a local segment does not have is an empty one. */
  private Optional<CachedRange> localIndex(SegmentMetadata segment, FileKind kind)
      throws IOException {
    try {
      return local(segment, kind, 0, Integer.MAX_VALUE);
    } catch (NoSuchFileException e) {
      LOG.debug("index_missing segment={} kind={}", segment.id(), kind, e);
      return local(segment, FileKind.LOG, segment.sizeBytes(), 1);
    }
  }

  /** The logs that follow each other in the bucket. */
  private final class FollowingLogs implements ReadAhead.Source {
    @Override
    public CompletableFuture<ChunkProof> proof(RemoteFile log) {
      return catalog
          .find(log.segment())
          .flatMap(segment -> segment.state().receipt())
          .map(receipt -> streams.proof(remote(log.segment(), receipt), log))
          .orElseGet(
              () ->
                  CompletableFuture.failedFuture(
                      new CatalogException.UnknownSegment(log.segment())));
    }

    @Override
    public Optional<RemoteFile> next(RemoteFile log) {
      return catalog
          .find(log.segment())
          .flatMap(segment -> catalog.covering(segment.id().partition(), segment.endOffset()))
          .filter(next -> next.state() instanceof SegmentState.RemoteOnly)
          .flatMap(next -> next.state().receipt().map(receipt -> remote(next.id(), receipt).log()));
    }
  }

  /**
   * Gives up what is cached of a segment that is gone, has new objects, or lies here whole again.
   * Blocks for the disk.
   *
   * @param before as it was, with its receipt
   * @param isHere whether only the log is to go, because the segment was restored
   */
  public void forget(SegmentMetadata before, boolean isHere) {
    remotes.invalidate(before.id());
    if (!isHere) {
      judge.forget(before.id());
    }
    before
        .state()
        .receipt()
        .ifPresent(
            receipt -> {
              for (RemoteFile file : new Remote(before.id(), receipt).files()) {
                if (!isHere || file.kind() == FileKind.LOG) {
                  parts.cache.discard(file);
                }
              }
            });
  }

  /** What cold reads have cost since the start, and what is cached now. */
  public ReadStats stats() {
    return parts.stats();
  }

  /** The segments of which the store lately did not return what was archived. */
  public List<DamagedSegment> damaged() {
    return parts.quarantine.segments();
  }

  /** Has what the store did not return asked for again by the next reader. */
  public void forgetDamage(SegmentId id) {
    parts.quarantine.forget(id);
  }

  /** Bytes that cached chunks take. */
  public long cachedBytes() {
    return parts.cache.residentBytes();
  }

  /** Keeps cached chunks to a limit, which what is fetched and not asked for yet may exceed. */
  public void limit(long maxBytes) {
    parts.cache.limit(maxBytes);
  }

  /** Ends reads that wait; what is cached stays for the next start. */
  @Override
  public void close() {
    parts.close();
  }
}
