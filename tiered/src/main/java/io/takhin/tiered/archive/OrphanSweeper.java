package io.takhin.tiered.archive;

import io.takhin.tiered.archive.Orphan.Reason;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.Crc32c;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.ObjectStore.PendingUpload;
import io.takhin.tiered.store.PutOptions;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what lies in the bucket without an owner: objects that no manifest names, and uploads in
 * parts that nobody is going to complete.
 *
 * <p>Two things keep it from removing what is needed. Writers of this process have an intent in the
 * catalog before their first byte, and each removal asks for it again, in the segment's own turn,
 * in which no attempt can begin. Writers of other processes are unknown, and are protected by the
 * grace: it has to be longer than any of them lives, and is measured by the store's clock alone, so
 * that a wrong clock here makes no difference.
 *
 * <p>Never removed: manifests, whatever lies under {@code .takhin/}, keys that this program does
 * not write, and objects of a segment for which the catalog has a receipt that names them.
 *
 * <p>Blocks; one call at a time, on a thread that may be interrupted.
 */
public final class OrphanSweeper {
  private static final Logger LOG = LoggerFactory.getLogger(OrphanSweeper.class);

  /** A segment whose turn does not come soon is in use, and looked at in the next sweep. */
  private static final long TURN_SECONDS = 60;

  /** HEAD tells seconds, a listing milliseconds. */
  private static final Duration TIME_RESOLUTION = Duration.ofSeconds(1);

  private final SegmentCatalog catalog;
  private final ObjectStore store;
  private final SegmentObjects objects;
  private final SegmentKeys keys;
  private final SegmentMover mover;
  private final Duration grace;
  private final Clock clock;
  private final StepObserver steps;

  public OrphanSweeper(
      SegmentCatalog catalog,
      ObjectStore store,
      SegmentObjects objects,
      SegmentMover mover,
      Duration grace,
      Clock clock,
      StepObserver steps) {
    this.catalog = catalog;
    this.store = store;
    this.objects = objects;
    this.keys = objects.keys();
    this.mover = mover;
    this.grace = grace;
    this.clock = clock;
    this.steps = steps;
  }

  /**
   * Looks for orphans and removes none. Writes one small object, {@code .takhin/clock.txt}, to
   * learn the store's time.
   */
  public SweepPlan plan() throws IOException, InterruptedException {
    return new OrphanSearch(catalog, store, keys, grace, storeNow()).run(clock.instant());
  }

  private Instant storeNow() throws StoreException {
    ObjectKey key = keys.clock();
    ByteBuffer text =
        ByteBuffer.wrap("asks the store for its time\n".getBytes(StandardCharsets.UTF_8));
    store.put(key, text, Crc32c.of(text), PutOptions.BINARY);
    // By a listing and not by HEAD, which tells whole seconds: what it is compared with is listed.
    return store.list(key.value(), null, 1).stream()
        .filter(object -> object.key().equals(key))
        .map(StoredObject::lastModified)
        .findFirst()
        .orElseThrow(
            () ->
                new StoreException.Unavailable(
                    store.description() + ": an object just written is not there: key=" + key,
                    null));
  }

  /**
   * Removes what the plan lists, each after another look at it. Ends early when the store does not
   * answer; a refusal of one object leaves it where it is and concerns no other.
   */
  public SweepResult act(SweepPlan plan) throws InterruptedException {
    Tally tally = new Tally();
    for (Orphan orphan : plan.orphans()) {
      try {
        tally.count(orphan, remove(orphan));
      } catch (StoreException.Unavailable | WriterStoppedException e) {
        tally.stopped = Optional.of(String.valueOf(e.getMessage()));
        break;
      } catch (StoreException.Retained | StoreException.Rejected e) {
        tally.retained++;
        LOG.info("orphan_retained key={} reason=\"{}\"", orphan.key(), e.getMessage());
      } catch (IOException | SegmentBusyException e) {
        tally.kept++;
        LOG.warn(
            "orphan_kept key={} problem=\"{}\" action=\"none, the next sweep looks again\"",
            orphan.key(),
            e.toString());
      }
    }
    SweepResult result = tally.result();
    LOG.info("swept store=\"{}\" result={}", store.description(), result);
    return result;
  }

  private static final class Tally {
    private long removedObjects;
    private long removedBytes;
    private long abortedUploads;
    private long retained;
    private long kept;
    private Optional<String> stopped = Optional.empty();

    void count(Orphan orphan, boolean removed) {
      if (!removed) {
        kept++;
      } else if (orphan.reason() == Reason.ABANDONED_UPLOAD) {
        abortedUploads++;
      } else {
        removedObjects++;
        removedBytes += orphan.sizeBytes();
      }
    }

    SweepResult result() {
      return new SweepResult(removedObjects, removedBytes, abortedUploads, retained, kept, stopped);
    }
  }

  /** Returns whether it is gone; false if it turned out not to be an orphan now. */
  private boolean remove(Orphan orphan)
      throws IOException, SegmentBusyException, InterruptedException {
    SegmentId id = orphan.id();
    if (mover.isBusy(id)) {
      return false;
    }
    CompletableFuture<Boolean> removal = mover.alone(id, () -> removeIfStillOrphan(orphan));
    try {
      return removal.get(TURN_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new SegmentBusyException(id, "its turn did not come");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof IOException failure) {
        throw failure;
      }
      if (cause instanceof SegmentBusyException busy) {
        throw busy;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new IOException("removal of " + orphan.key() + " failed: " + cause, cause);
    }
  }

  private boolean removeIfStillOrphan(Orphan orphan) throws IOException, CatalogException {
    objects.requireOwner();
    Optional<SegmentMetadata> known = catalog.find(orphan.id());
    if (OrphanSearch.isUploading(catalog, orphan.id())
        || known
            .flatMap(segment -> segment.state().receipt())
            .filter(r -> names(r, orphan))
            .isPresent()) {
      return false;
    }
    return orphan.reason() == Reason.ABANDONED_UPLOAD ? abort(orphan) : delete(orphan);
  }

  private static boolean names(Receipt receipt, Orphan orphan) {
    return orphan.reason() != Reason.ABANDONED_UPLOAD
        && receipt.files().stream().anyMatch(file -> file.key().equals(orphan.key()));
  }

  private boolean abort(Orphan orphan) throws StoreException {
    for (PendingUpload upload : store.pendingUploads(orphan.key().value())) {
      if (upload.key().equals(orphan.key()) && upload.uploadId().equals(orphan.version())) {
        steps.around(
            DurableStep.ABORT_UPLOAD,
            orphan.id(),
            () -> {
              store.resumeMultipart(upload).abort();
              return upload;
            });
        LOG.info("upload_aborted key={} since={}", orphan.key(), orphan.since());
        return true;
      }
    }
    return false;
  }

  private boolean delete(Orphan orphan) throws IOException {
    Optional<StoredObject> manifest = store.head(keys.manifest(orphan.id()));
    if (manifest.isPresent() && isNamedBy(manifest.get(), orphan)) {
      return false;
    }
    Optional<StoredObject> found = store.head(orphan.key());
    if (found.isEmpty() || !isSame(found.get(), orphan)) {
      return false;
    }
    steps.around(
        DurableStep.REMOVE_ORPHAN,
        orphan.id(),
        () -> {
          store.delete(orphan.key());
          return orphan;
        });
    LOG.info(
        "orphan_removed key={} reason={} bytes={} since={}",
        orphan.key(),
        orphan.reason().label(),
        orphan.sizeBytes(),
        orphan.since());
    return true;
  }

  private boolean isNamedBy(StoredObject manifest, Orphan orphan) throws IOException {
    if (orphan.reason() == Reason.NO_MANIFEST) {
      return true; // One came meanwhile; a later sweep judges by it.
    }
    SegmentMetadata described = new ManifestReader(store, keys).read(orphan.id(), manifest);
    return names(described.state().receipt().orElseThrow(), orphan);
  }

  /** An object written anew is another one, even if it has the same bytes and ETag. */
  private static boolean isSame(StoredObject found, Orphan orphan) {
    return found.etag().equals(orphan.version())
        && found.sizeBytes() == orphan.sizeBytes()
        && !found.lastModified().isAfter(orphan.since().plus(TIME_RESOLUTION));
  }
}
