package io.takhin.tiered.archive;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.policy.FailureScope;
import io.takhin.tiered.segment.DirectorySegments;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.InvalidSegmentPathException;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.transfer.RangedDownloader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a restart does about the steps that were not reached.
 *
 * <table>
 * <caption>Found at the start, and what is done</caption>
 * <tr><th>found</th><th>done</th><th>needs the store</th></tr>
 * <tr><td>Uploading, the attempt's manifest stands</td><td>becomes Archived</td><td>yes</td></tr>
 * <tr><td>Uploading, no manifest</td><td>objects and parts removed, becomes Local</td><td>yes</td></tr>
 * <tr><td>Archived or Restored, files are gone</td><td>becomes RemoteOnly</td><td>no</td></tr>
 * <tr><td>restored files of a segment that is not Restored</td><td>deleted</td><td>no</td></tr>
 * <tr><td>temporary files of downloads</td><td>deleted</td><td>no</td></tr>
 * <tr><td>Deleting for a time, no tombstone recorded</td><td>written, or written again</td>
 * <td>yes</td></tr>
 * <tr><td>Deleting, its time has come</td><td>removal goes on</td><td>yes</td></tr>
 * <tr><td>a hold in the bucket or in the catalog only</td><td>made to be in both</td>
 * <td>yes</td></tr>
 * </table>
 *
 * What needs no store is done by {@link #atStart} before anybody reads; the rest by {@link #pass},
 * which is repeated for as long as something is left, so a store that is down delays it and no
 * more.
 */
public final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  /** Enough to keep the workers busy, few enough that their queue has room for others. */
  private static final int MAX_IN_FLIGHT = 16;

  private static final Duration RETAINED_RETRY = Duration.ofHours(1);

  private final SegmentCatalog catalog;
  private final LocalCopies copies;
  private final UnfinishedWork work;
  private final SegmentMover mover;
  private final Holds holds;
  private final Clock clock;
  private final Isolation isolation;
  private final StepObserver steps;

  public Recovery(
      SegmentCatalog catalog,
      LocalCopies copies,
      UnfinishedWork work,
      SegmentMover mover,
      Holds holds,
      Isolation isolation,
      Clock clock,
      StepObserver steps) {
    this.catalog = catalog;
    this.copies = copies;
    this.work = work;
    this.mover = mover;
    this.holds = holds;
    this.clock = clock;
    this.isolation = isolation;
    this.steps = steps;
  }

  /**
   * How a pass went.
   *
   * @param done segments that were brought to an end
   * @param left segments for which something remains to be done
   */
  public record Pass(int done, int left) {}

  /**
   * Brings catalog and local files to agree. One bad segment does not keep the others from being
   * served.
   */
  public void atStart() throws IOException {
    List<SegmentMetadata> proved = new ArrayList<>();
    catalog.forEach(
        segment -> {
          work.add(segment);
          boolean hasFiles =
              segment.state() instanceof SegmentState.Archived
                  || segment.state() instanceof SegmentState.Restored;
          if (hasFiles) {
            proved.add(segment);
          }
        });
    for (SegmentMetadata segment : proved) {
      try {
        if (!copies.exists(segment.id())) {
          recordFreed(segment);
        }
      } catch (IOException | CatalogException e) {
        LOG.warn(
            "local_files_unknown segment={} error=\"{}\" action=\"check the data directory; the"
                + " segment is looked at again when it is read\"",
            segment.id(),
            e.toString());
      }
    }
    sweepRestored(copies.restored());
  }

  /** The files went and the process ended before the catalog was told. */
  private void recordFreed(SegmentMetadata segment) throws IOException, CatalogException {
    SegmentId id = segment.id();
    SegmentState remote =
        segment.state() instanceof SegmentState.Archived archived
            ? archived.reclaim()
            : ((SegmentState.Restored) segment.state()).reclaim();
    copies.free(id); // The log file is gone; its siblings may not be.
    steps.around(
        DurableStep.RECORD_RECLAIM,
        id,
        () -> catalog.transition(id, segment.state(), remote, "files found gone at start"));
  }

  private void sweepRestored(DirectorySegments restored) throws IOException {
    if (!Files.isDirectory(restored.root())) {
      return;
    }
    try (DirectoryStream<Path> partitions =
        Files.newDirectoryStream(restored.root(), Files::isDirectory)) {
      for (Path directory : partitions) {
        RangedDownloader.removeTemporaries(directory, file -> isAwaited(directory, file));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
          for (Path file : files) {
            sweepRestored(restored, directory, file);
          }
        }
      }
    }
  }

  /** Whether the file is one of a segment that only the bucket has, and may be asked for again. */
  private boolean isAwaited(Path directory, Path file) {
    return segmentOf(directory, file)
        .flatMap(catalog::find)
        .map(segment -> segment.state() instanceof SegmentState.RemoteOnly)
        .orElse(false);
  }

  /** Which segment the file is part of, by its name. */
  private static Optional<SegmentId> segmentOf(Path directory, Path file) {
    String name = file.getFileName().toString();
    int dot = name.indexOf('.');
    String stem = dot < 0 ? name : name.substring(0, dot);
    try {
      return Optional.of(SegmentId.parse(directory.getFileName() + "/" + stem + ".log"));
    } catch (InvalidSegmentPathException e) {
      return Optional.empty(); // Not one of ours.
    }
  }

  /** A file that belongs to no segment is left alone: it is not ours, and nobody reads it. */
  private void sweepRestored(DirectorySegments restored, Path directory, Path file)
      throws IOException {
    Optional<SegmentId> id = segmentOf(directory, file);
    if (id.isEmpty()) {
      LOG.warn(
          "unknown_file file={} action=\"delete it if it is not yours, the archiver did not write"
              + " it\"",
          file);
      return;
    }
    boolean wanted =
        id.flatMap(catalog::find).map(segment -> segment.state().isLocal()).orElse(false);
    if (!wanted) {
      restored.free(id.get());
    }
  }

  /**
   * Goes on with what needs the store: attempts that were broken off, tombstones, removals. Blocks.
   * Ends early when the store does not answer. What a hold keeps is passed over. A segment that
   * failed by itself has its turn less and less often, and none while it is quarantined.
   */
  public Pass pass() throws InterruptedException {
    List<SegmentId> settling =
        work.uploading().stream().filter(mover::isBrokenOff).filter(isolation::mayTry).toList();
    Deferred deferred = new Deferred();
    int done = each(settling, id -> mover.settle(id, "attempt was broken off"), deferred);
    done += each(work.untombstoned(), mover::tombstone, deferred);
    if (holdsAreKnown()) {
      List<SegmentId> going =
          work.purgeable(clock.millis()).stream()
              .filter(isolation::mayTry)
              .filter(id -> !isHeld(id))
              .toList();
      done += each(going, id -> mover.remove(id, "deleted"), deferred);
    }
    deferred.log();
    return new Pass(done, work.unfinishedCount(clock.millis()));
  }

  private boolean isHeld(SegmentId id) {
    return catalog.find(id).map(holds::covers).orElse(false);
  }

  private boolean holdsAreKnown() {
    try {
      return holds.agree();
    } catch (IOException | CatalogException e) {
      LOG.warn(
          "holds_unknown error=\"{}\" action=\"none if the store is down: nothing is removed before"
              + " the holds in the bucket are known; else see the error\"",
          e.toString());
      return false;
    }
  }

  /** What a pass could not do; used by the thread of the pass. */
  private static final class Deferred {
    private int count;
    private String first = "";

    void add(SegmentId id, @Nullable Throwable why) {
      if (why instanceof WriterStoppedException) {
        return; // Said when it was stopped, and true until somebody acts.
      }
      if (count++ == 0) {
        first = "segment=" + id + " error=\"" + why + "\"";
      }
    }

    /** One line, however many: when the store is down, they all say the same. */
    void log() {
      if (count > 0) {
        LOG.warn(
            "recovery_deferred segments={} first: {} action=\"none if the store is down, they are"
                + " tried again; else see the error, and `takhin quarantine list`\"",
            count,
            first);
      }
    }
  }

  private int each(
      List<SegmentId> ids,
      Function<SegmentId, CompletableFuture<SegmentMetadata>> action,
      Deferred deferred)
      throws InterruptedException {
    record Started(SegmentId id, CompletableFuture<SegmentMetadata> outcome) {}
    Deque<Started> underWay = new ArrayDeque<>();
    int next = 0;
    int done = 0;
    boolean storeAnswers = true;
    while (!underWay.isEmpty() || (storeAnswers && next < ids.size())) {
      if (storeAnswers && next < ids.size() && underWay.size() < MAX_IN_FLIGHT) {
        SegmentId id = ids.get(next++);
        underWay.add(new Started(id, action.apply(id)));
        continue;
      }
      Started oldest = underWay.remove();
      try {
        oldest.outcome().get();
        done++;
      } catch (ExecutionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof CatalogException.UnknownSegment) {
          continue; // Somebody else removed it meanwhile.
        }
        if (cause instanceof StoreException.Retained) {
          retained(oldest.id(), cause);
          continue;
        }
        storeAnswers &= cause == null || isolation.scope(cause) != FailureScope.STORE;
        deferred.add(oldest.id(), cause);
      }
    }
    return done;
  }

  /** Not tried again at each pass: a retention lasts for days or years. */
  private void retained(SegmentId id, Throwable cause) {
    work.refused(
        id, String.valueOf(cause.getMessage()), clock.millis() + RETAINED_RETRY.toMillis());
    LOG.warn(
        "purge_refused segment={} error=\"{}\" retry_minutes={} action=\"none if the bucket's"
            + " retention is meant to keep it; else allow s3:DeleteObject\"",
        id,
        String.valueOf(cause.getMessage()),
        RETAINED_RETRY.toMinutes());
  }
}
