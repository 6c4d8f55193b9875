package io.takhin.tiered.rebuild;

import io.takhin.tiered.archive.BucketListing;
import io.takhin.tiered.archive.Hold;
import io.takhin.tiered.archive.InvalidManifestException;
import io.takhin.tiered.archive.ListedSegment;
import io.takhin.tiered.archive.ManifestReader;
import io.takhin.tiered.archive.SegmentKeys;
import io.takhin.tiered.archive.Tombstone;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Gap;
import io.takhin.tiered.catalog.Receipt.ArchivedFile;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.rebuild.RebuildProblem.Kind;
import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads a bucket: one listing of all of it, and one request for each manifest. The caller's thread
 * lists, checks and hands on, in the order of the listing, while others read the manifests ahead of
 * it; how far ahead is bounded.
 */
final class BucketSurvey {
  /** Reads that wait for their turn for each one that is under way. */
  private static final int AHEAD = 8;

  private final ObjectStore store;
  private final RebuildOptions options;
  private final Findings findings = new Findings();
  private final Deque<Reading> readings = new ArrayDeque<>();
  private long manifestsRead;

  /** Takes in what belongs into the catalog. */
  interface Sink {
    void take(SegmentMetadata segment) throws CatalogException;

    void take(Gap gap) throws CatalogException;

    void take(Hold hold) throws CatalogException;
  }

  private record Reading(
      ListedSegment listed,
      Future<SegmentMetadata> manifest,
      Optional<Future<Tombstone>> tombstone) {}

  /** Carries the sink's failure through the listing. */
  private static final class SinkFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final CatalogException failure;

    SinkFailedException(CatalogException failure) {
      super(failure);
      this.failure = failure;
    }
  }

  BucketSurvey(ObjectStore store, RebuildOptions options) {
    this.store = store;
    this.options = options;
  }

  /**
   * Goes through the bucket, once.
   *
   * @throws IOException if the store cannot be read to the end; a damaged object does not count
   * @throws CatalogException as the sink does
   */
  RebuildReport run(Sink sink) throws IOException, CatalogException, InterruptedException {
    SegmentKeys keys = new SegmentKeys(options.keyPrefix());
    ManifestReader manifests = new ManifestReader(store, keys);
    BucketListing listing = new BucketListing(store, keys);
    AtomicInteger number = new AtomicInteger();
    ExecutorService readers =
        Executors.newFixedThreadPool(
            options.parallelism(),
            task -> {
              Thread thread = new Thread(task, "takhin-rebuild-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    try {
      GapList gaps = GapList.read(store, keys, findings);
      findings.gaps(gaps);
      for (Map.Entry<PartitionId, List<Gap>> each : gaps.all()) {
        for (Gap gap : each.getValue()) {
          sink.take(gap);
        }
      }
      HoldList holds = HoldList.read(store, keys, findings);
      for (Hold hold : holds.all()) {
        sink.take(hold);
      }
      listing.visit(new Visitor(readers, manifests, sink));
      while (!readings.isEmpty()) {
        take(readings.remove(), sink);
      }
      return findings.report(
          listing.objects(), listing.pages() + manifestsRead + gaps.requests() + holds.requests());
    } catch (SinkFailedException e) {
      throw e.failure;
    } finally {
      readers.shutdownNow();
    }
  }

  private final class Visitor implements BucketListing.Visitor {
    private final ExecutorService readers;
    private final ManifestReader manifests;
    private final Sink sink;

    Visitor(ExecutorService readers, ManifestReader manifests, Sink sink) {
      this.readers = readers;
      this.manifests = manifests;
      this.sink = sink;
    }

    @Override
    public void segment(ListedSegment listed) throws IOException, InterruptedException {
      if (listed.manifest().isEmpty()) {
        findings.uncommitted();
        return;
      }
      StoredObject manifest = listed.manifest().get();
      manifestsRead += listed.tombstone().isPresent() ? 2 : 1;
      readings.add(
          new Reading(
              listed,
              readers.submit(() -> manifests.read(listed.id(), manifest)),
              listed
                  .tombstone()
                  .map(
                      object ->
                          readers.submit(() -> manifests.readTombstone(listed.id(), object)))));
      if (readings.size() >= options.parallelism() * AHEAD) {
        try {
          take(readings.remove(), sink);
        } catch (CatalogException e) {
          throw new SinkFailedException(e);
        }
      }
    }

    @Override
    public void foreign(String key) {
      findings.foreign();
    }
  }

  private void take(Reading reading, Sink sink)
      throws IOException, CatalogException, InterruptedException {
    SegmentId id = reading.listed.id();
    SegmentMetadata segment;
    try {
      segment = reading.manifest.get();
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      findings.problem(kindOf(cause), id.toString(), String.valueOf(cause.getMessage()));
      // Nobody knows where it ends; at least its first offset is taken.
      findings.leftOut(id, id.baseOffset() + 1);
      return;
    }
    Optional<SegmentMetadata> deleted = deleted(reading, segment);
    if (deleted.isPresent()) {
      findings.deleted(id, segment.endOffset());
      sink.take(deleted.get());
      return;
    }
    if (!hasFiles(reading.listed, segment)) {
      findings.leftOut(id, segment.endOffset());
      return;
    }
    OptionalLong localBytes = options.localLogBytes().apply(id);
    if (localBytes.isPresent() && localBytes.getAsLong() != segment.sizeBytes()) {
      findings.problem(
          Kind.LOCAL_DIFFERS,
          id.toString(),
          "the bucket has " + segment.sizeBytes() + " bytes, here are " + localBytes.getAsLong());
    }
    findings.taken(segment, localBytes.isPresent());
    if (localBytes.isEmpty()) {
      sink.take(segment);
    }
  }

  /** The segment as one that is deleted, if the bucket says that it is. */
  private Optional<SegmentMetadata> deleted(Reading reading, SegmentMetadata segment)
      throws IOException, InterruptedException {
    if (reading.tombstone.isEmpty()) {
      return Optional.empty();
    }
    try {
      Tombstone tombstone = reading.tombstone.get().get();
      return Optional.of(
          segment.withState(
              new SegmentState.Deleting(
                  segment.state().receipt().orElseThrow(),
                  tombstone.deletedAtMillis(),
                  tombstone.purgeAtMillis(),
                  true)));
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      if (cause instanceof StoreException.Unavailable down) {
        throw down;
      }
      if (cause instanceof StoreException.NotFound) {
        return Optional.empty(); // Undeleted meanwhile.
      }
      findings.problem(
          Kind.UNREADABLE_TOMBSTONE, segment.id().toString(), String.valueOf(cause.getMessage()));
      return Optional.empty();
    }
  }

  /** What concerns one object is told; what concerns the store ends the survey. */
  private static Kind kindOf(Throwable failure) throws IOException {
    if (failure instanceof InvalidManifestException || failure instanceof StoreException.Corrupt) {
      return Kind.UNREADABLE_MANIFEST;
    }
    if (failure instanceof StoreException.NotFound
        || failure instanceof StoreException.PreconditionFailed) {
      return Kind.CHANGED_MEANWHILE;
    }
    if (failure instanceof IOException e) {
      throw e;
    }
    throw new IOException("manifest not read: " + failure, failure);
  }

  /** Whether the log is there as the manifest says; the indexes can be made from it. */
  private boolean hasFiles(ListedSegment listed, SegmentMetadata segment) {
    boolean hasLog = true;
    for (ArchivedFile file : segment.state().receipt().orElseThrow().files()) {
      StoredObject found = listed.files().get(file.kind());
      if (found != null && found.sizeBytes() == file.sizeBytes()) {
        continue;
      }
      boolean isLog = file.kind() == FileKind.LOG;
      hasLog &= !isLog;
      findings.problem(
          isLog ? Kind.DAMAGED_LOG : Kind.DAMAGED_INDEX,
          file.key().value(),
          found == null
              ? "missing: expected " + file.sizeBytes() + " bytes"
              : "size: expected " + file.sizeBytes() + " bytes, got " + found.sizeBytes());
    }
    return hasLog;
  }
}
