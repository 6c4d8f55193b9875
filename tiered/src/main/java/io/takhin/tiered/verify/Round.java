package io.takhin.tiered.verify;

import io.takhin.tiered.archive.SegmentKeys;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.InvalidSegmentPathException;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.StoreException;
import io.takhin.tiered.store.StoredObject;
import io.takhin.tiered.transfer.TransferCancelledException;
import io.takhin.tiered.verify.Finding.Outcome;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Goes through bucket and catalog once: partition by partition in the order of the object keys,
 * each first by its listing, then segment by segment at the depth that was asked. Remembers of the
 * bucket one page of its listing, and of suspicions a bounded number, which are confirmed as they
 * come. Used by one thread.
 */
final class Round implements PartitionListing.Suspicions {
  /** Suspicions that wait for their second look together. */
  private static final int MAX_WAITING = 64;

  /** Segments looked at before a suspicion has to be confirmed, so that the round gets on. */
  private static final int MAX_BEHIND = 256;

  /** Refusals in a row that are the store's and not the segments'. */
  private static final int MAX_REFUSALS = 5;

  private final SegmentCatalog catalog;
  private final ObjectStore store;
  private final SegmentKeys keys;
  private final SegmentCheck check;
  private final Run run;
  private final Consumer<Position> progress;
  private final Set<SegmentId> waiting = new LinkedHashSet<>();
  private final ExtraObjects extras;
  private int behind;
  private int refusals;

  /**
   * One run.
   *
   * @param options for the delays
   */
  record Run(VerifyRequest request, Tally tally, Pace pace, VerifyOptions options, Clock clock) {}

  /**
   * @param progress told how far it is, whenever nothing behind that is unconfirmed
   */
  Round(
      SegmentCatalog catalog,
      ObjectStore store,
      SegmentKeys keys,
      SegmentCheck check,
      Run run,
      Consumer<Position> progress) {
    this.catalog = catalog;
    this.store = store;
    this.keys = keys;
    this.check = check;
    this.run = run;
    this.progress = progress;
    this.extras = new ExtraObjects(catalog, store, check, run);
  }

  /**
   * Goes on from a position to the end. Blocks.
   *
   * @throws StoreException.Unavailable if the store is down
   * @throws StoreException.Rejected if the store refuses whatever is asked
   * @throws InterruptedException if it is to end
   */
  void goThrough(Position from) throws IOException, CatalogException, InterruptedException {
    String root = keys.prefix().isEmpty() ? "" : keys.prefix() + "/";
    String topic = run.request().topic();
    NavigableMap<String, PartitionId> known = new TreeMap<>();
    for (PartitionId partition : catalog.partitions()) {
      if (topic == null || partition.topic().equals(topic)) {
        known.put(partition.directory() + "/", partition);
      }
    }
    String begin = from.directory().isEmpty() ? "" : from.directory() + "/";
    known = known.tailMap(begin, true);
    ObjectKey after = begin.isEmpty() ? null : new ObjectKey(root + from.directory());
    String prefix = topic == null ? root : root + topic + "-";
    ListingCursor listing = new ListingCursor(store, prefix, after, run.pace(), run.tally());
    while (true) {
      String listed = skipForeign(listing, root, begin);
      String next = known.isEmpty() ? null : known.firstKey();
      if (listed != null && (next == null || listed.compareTo(next) < 0)) {
        next = listed;
      }
      if (next == null) {
        return;
      }
      known.remove(next);
      PartitionId partition = PartitionId.parse(next.substring(0, next.length() - 1));
      boolean isBegun = from.directory().equals(partition.directory());
      partition(partition, listing, root + next, isBegun ? from.baseOffset() : -1);
    }
  }

  /**
   * Passes over objects that lie in no partition's folder.
   *
   * @return the folder of the next object, relative to the root, with a slash; null at the end
   */
  private @Nullable String skipForeign(ListingCursor listing, String root, String begin)
      throws StoreException, InterruptedException {
    for (StoredObject object = listing.peek(); object != null; object = listing.peek()) {
      String relative = object.key().value().substring(root.length());
      String folder = relative.substring(0, relative.indexOf('/') + 1);
      if (folder.compareTo(begin) >= 0 && isAsked(folder)) {
        return folder;
      }
      listing.next();
    }
    return null;
  }

  private boolean isAsked(String folder) {
    if (folder.isEmpty()) {
      return false;
    }
    try {
      PartitionId partition = PartitionId.parse(folder.substring(0, folder.length() - 1));
      String topic = run.request().topic();
      return topic == null || topic.equals(partition.topic());
    } catch (InvalidSegmentPathException e) {
      return false; // Not the folder of a partition.
    }
  }

  private void partition(
      PartitionId partition, ListingCursor listing, String folder, long afterOffset)
      throws IOException, CatalogException, InterruptedException {
    new PartitionListing(catalog, keys, listing, this).compare(partition, folder);
    List<SegmentMetadata> segments = catalog.segments(partition);
    for (SegmentMetadata segment : segments) {
      if (segment.id().baseOffset() > afterOffset) {
        look(segment.id());
        if (waiting.size() >= MAX_WAITING || (!waiting.isEmpty() && ++behind >= MAX_BEHIND)) {
          confirm();
        }
        if (waiting.isEmpty()) {
          progress.accept(new Position(partition.directory(), segment.id().baseOffset()));
        }
      }
    }
    confirm();
    extras.confirm();
    progress.accept(new Position(partition.directory(), Long.MAX_VALUE));
  }

  @Override
  public void segment(SegmentId id) {
    if (waiting.size() < VerifyReport.MAX_FINDINGS) {
      waiting.add(id); // Beyond this the list of findings is full anyway, and the next run goes on.
    }
  }

  @Override
  public void extra(StoredObject object, @Nullable SegmentId id) {
    extras.suspect(object, id);
  }

  private void look(SegmentId id) throws IOException, CatalogException, InterruptedException {
    if (run.request().level().includes(Level.CHECKSUMS)) {
      SegmentCheck.Verdict verdict =
          unlessRefused(id, () -> check.look(id, run.request().level()))
              .orElse(SegmentCheck.Verdict.SOUND);
      if (verdict == SegmentCheck.Verdict.SUSPICIOUS) {
        waiting.add(id);
      } else if (verdict == SegmentCheck.Verdict.MOVING) {
        run.tally().moving();
      }
    }
    run.tally().checked();
  }

  /** What was suspicious gets its second look, after a moment in which it can come to rest. */
  private void confirm() throws IOException, CatalogException, InterruptedException {
    behind = 0;
    if (waiting.isEmpty()) {
      return;
    }
    run.pace().pause(run.options().settle());
    Level asked = run.request().level();
    Level level = asked.includes(Level.CHECKSUMS) ? asked : Level.CHECKSUMS;
    for (SegmentId id : List.copyOf(waiting)) {
      Optional<List<Finding>> findings =
          unlessRefused(id, () -> check.confirm(id, level, run.request().repair()));
      if (findings.isPresent() && findings.get().isEmpty()) {
        run.tally().unconfirmed();
      }
      findings.ifPresent(list -> list.forEach(run.tally()::found));
      waiting.remove(id);
    }
  }

  private interface Asking<T> {
    T ask() throws IOException, CatalogException, InterruptedException;
  }

  /** One object that is refused is a finding; when everything is, the run ends. */
  private <T> Optional<T> unlessRefused(SegmentId id, Asking<T> asking)
      throws IOException, CatalogException, InterruptedException {
    try {
      T answer = asking.ask();
      refusals = 0;
      return Optional.of(answer);
    } catch (StoreException.Unavailable e) {
      throw e;
    } catch (TransferCancelledException e) {
      run.tally().moving(); // Somebody wanted this one left alone.
      return Optional.empty();
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException("verification interrupted");
      }
      run.pace().pause(Duration.ZERO); // What fails while everything is closed says nothing.
      if (++refusals >= MAX_REFUSALS) {
        throw e;
      }
      run.tally()
          .found(
              new Finding(
                  FindingKind.UNREADABLE,
                  id,
                  id.path(),
                  "an answer",
                  String.valueOf(e.getMessage()),
                  Outcome.REPORTED,
                  "nothing, it is looked at again in the next run"));
      return Optional.empty();
    }
  }
}
