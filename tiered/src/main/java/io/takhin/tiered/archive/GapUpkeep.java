package io.takhin.tiered.archive;

import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.CatalogListener;
import io.takhin.tiered.catalog.Gap;
import io.takhin.tiered.catalog.Gaps;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import io.takhin.tiered.store.StoreException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the gaps true. A segment within a gap that is still in the catalog was left by a crash, by
 * a free that was refused, or because its upload may have succeeded:
 *
 * <table>
 * <caption>What is found, and what is done</caption>
 * <tr><th>state</th><th>its files are here</th><th>they are not</th></tr>
 * <tr><td>Local</td><td>it is no gap</td><td>forgotten</td></tr>
 * <tr><td>Uploading</td><td>it is no gap</td><td>the bucket decides, see {@link Recovery}</td></tr>
 * <tr><td>Archived</td><td>it is no gap</td><td>becomes RemoteOnly and is no gap</td></tr>
 * <tr><td>RemoteOnly, Restored</td><td colspan="2">it is no gap</td></tr>
 * </table>
 *
 * <p>And tells the bucket of the gaps, for whoever has to rebuild the catalog from there. {@link
 * #settle} and {@link #publish} are called by one thread at a time; both block.
 */
public final class GapUpkeep implements CatalogListener {
  private static final Logger LOG = LoggerFactory.getLogger(GapUpkeep.class);

  private final SegmentCatalog catalog;
  private final Gaps gaps;
  private final LocalCopies copies;
  private final GapRecords records;
  private final Predicate<SegmentId> atWork;
  private final StepObserver steps;

  /** Segments of the catalog that may lie within a gap. */
  private final Set<SegmentId> open = ConcurrentHashMap.newKeySet();

  /**
   * @param atWork whether something is under way for the segment; it is looked at later then
   */
  public GapUpkeep(
      SegmentCatalog catalog,
      Gaps gaps,
      LocalCopies copies,
      GapRecords records,
      Predicate<SegmentId> atWork,
      StepObserver steps) {
    this.catalog = catalog;
    this.gaps = gaps;
    this.copies = copies;
    this.records = records;
    this.atWork = atWork;
    this.steps = steps;
  }

  /**
   * Looks through the partitions that have gaps, listens from now on, and ends what a crash left.
   */
  public void start() {
    catalog.addListener(this);
    for (Gap gap : gaps.all()) {
      for (SegmentMetadata segment : catalog.segments(gap.partition())) {
        if (gap.contains(segment.id().baseOffset())) {
          open.add(segment.id());
        }
      }
    }
    settle();
  }

  /** A segment that is registered, or leaves the state it was given up in, is looked at. */
  @Override
  public void onChange(@Nullable SegmentMetadata before, @Nullable SegmentMetadata after) {
    if (after != null && covers(after)) {
      open.add(after.id());
    }
  }

  /** Has the segment looked at by the next {@link #settle}. */
  void lookAt(SegmentId id) {
    open.add(id);
  }

  /** Whether something of the gap may turn out to be there. */
  public boolean mayShrink(Gap gap) {
    return open.stream()
        .anyMatch(id -> id.partition().equals(gap.partition()) && gap.contains(id.baseOffset()));
  }

  private boolean covers(SegmentMetadata segment) {
    return gaps.covering(segment.id().partition(), segment.id().baseOffset()).isPresent();
  }

  /** Brings catalog and gaps to agree where they do not. */
  public void settle() {
    for (SegmentId id : List.copyOf(open)) {
      Optional<SegmentMetadata> segment = catalog.find(id);
      if (segment.isEmpty() || !covers(segment.get())) {
        open.remove(id);
      } else if (!atWork.test(id)) {
        try {
          settle(segment.get());
        } catch (IOException | CatalogException e) {
          LOG.warn(
              "gap_not_settled segment={} problem=\"{}\" action=\"see the problem; it is tried"
                  + " again\"",
              id,
              e.toString());
        }
      }
    }
  }

  private void settle(SegmentMetadata segment) throws IOException, CatalogException {
    SegmentId id = segment.id();
    SegmentState state = segment.state();
    if (state instanceof SegmentState.Deleting) {
      return; // It goes for good, gap or not.
    }
    if (copies.exists(id) || state instanceof SegmentState.RemoteOnly) {
      close(segment);
    } else if (state instanceof SegmentState.Local local) {
      copies.free(id); // The log file is gone; its siblings may not be.
      steps.around(
          DurableStep.RECORD_FORGET,
          id,
          () -> {
            catalog.forget(id, local, "given up, see the gap");
            return id;
          });
    } else if (state instanceof SegmentState.Archived archived) {
      steps.around(
          DurableStep.RECORD_RECLAIM,
          id,
          () -> catalog.transition(id, archived, archived.reclaim(), "given up, but archived"));
      close(segment);
    }
  }

  private void close(SegmentMetadata segment) throws CatalogException {
    steps.around(
        DurableStep.CLOSE_GAP,
        segment.id(),
        () -> {
          gaps.close(segment);
          return segment;
        });
    LOG.info(
        "gap_closed segment={} reason=\"its records are there\" end_offset={}",
        segment.id(),
        segment.endOffset());
  }

  /** Tells the bucket what it does not know of the gaps, until the store fails to answer. */
  public void publish() {
    try {
      if (gaps.unpublished().isEmpty() && gaps.retired().isEmpty()) {
        return;
      }
      records.requireOwner();
      for (Gap gap : gaps.unpublished()) {
        steps.around(
            DurableStep.PUBLISH_GAP,
            gap.first(),
            () -> {
              records.put(gap);
              return gap;
            });
        gaps.published(gap); // After a crash in between it is put once more.
      }
      for (Gap gap : gaps.retired()) {
        steps.around(
            DurableStep.PUBLISH_GAP,
            gap.first(),
            () -> {
              records.remove(gap);
              return gap;
            });
        gaps.removed(gap);
      }
    } catch (StoreException.Unavailable e) {
      LOG.debug("gaps_not_published problem=\"{}\"", e.getMessage());
    } catch (IOException | CatalogException e) {
      LOG.warn(
          "gaps_not_published problem=\"{}\" action=\"see the problem; it is tried again\"",
          e.toString());
    }
  }
}
