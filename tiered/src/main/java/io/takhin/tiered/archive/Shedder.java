package io.takhin.tiered.archive;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.takhin.tiered.catalog.CatalogException;
import io.takhin.tiered.catalog.Gaps;
import io.takhin.tiered.catalog.SegmentCatalog;
import io.takhin.tiered.catalog.SegmentLeases;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.DurableStep;
import io.takhin.tiered.segment.LocalCopies;
import io.takhin.tiered.segment.SegmentBusyException;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.segment.StepObserver;
import java.io.IOException;
import java.time.Clock;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a segment up that only this machine has: the gap is durable first, then the files go, then
 * the catalog forgets the segment. So a crash leaves the files or the gap, and never neither. What
 * it leaves half-done, {@link GapUpkeep} ends.
 *
 * <p>A segment whose upload was broken off stays in the catalog, because its manifest may stand
 * after all: the bucket has the last word when it answers again.
 *
 * <p>Blocks; one call per segment at a time.
 */
public final class Shedder {
  private static final Logger LOG = LoggerFactory.getLogger(Shedder.class);

  private final SegmentCatalog catalog;
  private final Gaps gaps;
  private final LocalCopies copies;
  private final Predicate<SegmentMetadata> held;
  private final Counter segments;
  private final Counter bytes;
  private final Clock clock;
  private final StepObserver steps;

  /**
   * @param held whether a segment must not be given up, whatever happens
   */
  public Shedder(
      SegmentCatalog catalog,
      Gaps gaps,
      LocalCopies copies,
      Predicate<SegmentMetadata> held,
      MeterRegistry meters,
      Clock clock,
      StepObserver steps) {
    this.catalog = catalog;
    this.gaps = gaps;
    this.copies = copies;
    this.held = held;
    this.segments =
        Counter.builder("tiered.storage.shed.segments")
            .description("Segments that were given up because the disk was full")
            .register(meters);
    this.bytes =
        Counter.builder("tiered.storage.shed.bytes")
            .description("Log bytes that were given up because the disk was full")
            .register(meters);
    this.clock = clock;
    this.steps = steps;
  }

  /**
   * Drops the segment.
   *
   * @return the segment as it was
   * @throws SegmentBusyException if it is held, a reader has it, the log keeps it, or it is in the
   *     bucket; it is there as before, and no gap
   */
  SegmentMetadata shed(SegmentId id, String reason)
      throws IOException, CatalogException, SegmentBusyException {
    SegmentMetadata segment =
        catalog.find(id).orElseThrow(() -> new CatalogException.UnknownSegment(id));
    requireSheddable(segment);
    try (SegmentLeases.Lease lease =
        catalog
            .leases()
            .reclaim(id)
            .orElseThrow(() -> new SegmentBusyException(id, "a reader holds it"))) {
      drop(lease.id(), segment, reason);
    }
    LOG.warn(
        "segment_shed segment={} end_offset={} bytes={} reason=\"{}\" action=\"none, its records are"
            + " lost and the gap is recorded; make room, or bring the object store back\"",
        id,
        segment.endOffset(),
        segment.sizeBytes(),
        reason);
    segments.increment();
    bytes.increment((double) segment.sizeBytes());
    return segment;
  }

  private void requireSheddable(SegmentMetadata segment) throws SegmentBusyException {
    SegmentState state = segment.state();
    if (!(state instanceof SegmentState.Local || state instanceof SegmentState.Uploading)) {
      throw new SegmentBusyException(
          segment.id(), "the bucket has it, state is " + state.label() + ", nothing is given up");
    }
    if (held.test(segment)) {
      throw new SegmentBusyException(segment.id(), "a hold keeps it");
    }
    if (segment.endOffset() == segment.id().baseOffset()) {
      throw new SegmentBusyException(segment.id(), "it has no records, there is nothing to gain");
    }
  }

  private void drop(SegmentId id, SegmentMetadata segment, String reason)
      throws IOException, CatalogException, SegmentBusyException {
    steps.around(
        DurableStep.RECORD_GAP,
        id,
        () -> {
          gaps.open(segment, clock.millis(), reason);
          return id;
        });
    boolean freed = steps.around(DurableStep.SHED_LOCAL_FILES, id, () -> copies.free(id));
    if (!freed) {
      steps.around(
          DurableStep.CLOSE_GAP,
          id,
          () -> {
            gaps.close(segment);
            return id;
          });
      throw new SegmentBusyException(id, "the log does not let it go yet");
    }
    if (segment.state() instanceof SegmentState.Local local) {
      steps.around(
          DurableStep.RECORD_FORGET,
          id,
          () -> {
            catalog.forget(id, local, reason);
            return id;
          });
    }
  }
}
