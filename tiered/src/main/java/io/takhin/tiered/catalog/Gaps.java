package io.takhin.tiered.catalog;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.takhin.tiered.catalog.GapNote.Status;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was given up of the logs, durably: a gap is on the disk before its records leave it. Gaps
 * that touch are one, so there are never more than there are runs of other segments between them.
 *
 * <p>Questions take no lock; changes, which are rare, take turns and wait for the disk. Any thread.
 */
public final class Gaps {
  private static final Logger LOG = LoggerFactory.getLogger(Gaps.class);

  private final Notes<GapNote> notes;
  private final Object changes = new Object();

  /** The gaps of an open catalog. Called once. */
  public Gaps(SegmentCatalog catalog) throws CatalogException {
    this.notes = catalog.notes(GapNote.FORMAT);
    synchronized (changes) {
      try {
        joinOverlapping();
      } catch (CatalogException e) {
        // Said twice until the next start: a full disk, which gaps come of, must not prevent one.
        LOG.warn(
            "gaps_not_joined error=\"{}\" action=\"make room if the disk is full; it is tried again"
                + " at the next start\"",
            e.toString());
      }
    }
  }

  /** A crash between the two writes that make two gaps one leaves the second inside the first. */
  @GuardedBy("changes")
  private void joinOverlapping() throws CatalogException {
    @Nullable Gap before = null;
    for (GapNote note : List.copyOf(notes.all().values())) {
      Gap gap = note.gap();
      if (before != null
          && note.isCurrent()
          && before.partition().equals(gap.partition())
          && before.toOffset() >= gap.toOffset()) {
        retire(gap);
      } else if (note.isCurrent()) {
        before = gap;
      }
    }
  }

  /** The gaps of all partitions, by partition and offset; a copy. */
  public List<Gap> all() {
    return notes.all().values().stream().filter(GapNote::isCurrent).map(GapNote::gap).toList();
  }

  /** The gaps of a partition in offset order; a copy. */
  public List<Gap> of(PartitionId partition) {
    return current(partition).stream().map(GapNote::gap).toList();
  }

  private List<GapNote> current(PartitionId partition) {
    return notes
        .all()
        .subMap(key(partition, 0), true, key(partition, Long.MAX_VALUE), true)
        .values()
        .stream()
        .filter(GapNote::isCurrent)
        .toList();
  }

  public int count() {
    return (int) notes.all().values().stream().filter(GapNote::isCurrent).count();
  }

  /** Log bytes of all gaps together. */
  public long lostBytes() {
    return notes.all().values().stream()
        .filter(GapNote::isCurrent)
        .mapToLong(note -> note.gap().bytes())
        .sum();
  }

  /** The gap that the offset lies in. */
  public Optional<Gap> covering(PartitionId partition, long offset) {
    // A retired note may lie within the gap that swallowed it; these are few.
    for (GapNote note :
        notes
            .all()
            .subMap(key(partition, 0), true, key(partition, offset), true)
            .descendingMap()
            .values()) {
      if (note.isCurrent()) {
        return Optional.of(note.gap()).filter(gap -> gap.contains(offset));
      }
    }
    return Optional.empty();
  }

  /** The first offset from the given one on that lies in no gap. */
  public long firstAfter(PartitionId partition, long offset) {
    return covering(partition, offset).map(Gap::toOffset).orElse(offset);
  }

  /**
   * Records that a segment is given up; durable when this returns. Repeating it changes nothing.
   *
   * @param segment with at least one record
   */
  public void open(SegmentMetadata segment, long nowMillis, String reason) throws CatalogException {
    synchronized (changes) {
      Gap opened = Gap.of(segment, nowMillis, reason);
      PartitionId partition = opened.partition();
      if (firstAfter(partition, opened.fromOffset()) >= opened.toOffset()) {
        return;
      }
      Optional<Gap> before =
          opened.fromOffset() == 0
              ? Optional.empty()
              : covering(partition, opened.fromOffset() - 1);
      Gap joined = before.map(gap -> gap.plus(opened)).orElse(opened);
      Optional<Gap> after = covering(partition, joined.toOffset());
      if (after.isPresent()) {
        joined = joined.plus(after.get());
      }
      // One write makes the whole gap known; the one that it swallowed is then said twice, not
      // less.
      notes.put(key(joined), new GapNote(joined, Status.NEW));
      if (after.isPresent()) {
        retire(after.get());
      }
    }
  }

  /** Takes a segment out of the gap it lies in, because its records are there after all. */
  public void close(SegmentMetadata segment) throws CatalogException {
    synchronized (changes) {
      long from = segment.id().baseOffset();
      long to = segment.endOffset();
      Optional<Gap> found = covering(segment.id().partition(), from);
      if (found.isEmpty()) {
        return;
      }
      Gap gap = found.get();
      long leftSegments = Math.max(0, gap.segments() - 1);
      long leftBytes = Math.max(0, gap.bytes() - segment.sizeBytes());
      boolean leftBefore = gap.fromOffset() < from;
      boolean leftAfter = to < gap.toOffset();
      long bytesBefore = !leftBefore ? 0 : !leftAfter ? leftBytes : share(leftBytes, from, to, gap);
      long segmentsBefore =
          !leftBefore ? 0 : !leftAfter ? leftSegments : share(leftSegments, from, to, gap);
      // The later part first: until the earlier is cut, the whole gap covers both.
      if (leftAfter) {
        Gap after =
            gap.within(to, gap.toOffset(), leftSegments - segmentsBefore, leftBytes - bytesBefore);
        notes.put(key(after), new GapNote(after, Status.NEW));
      }
      if (leftBefore) {
        Gap before = gap.within(gap.fromOffset(), from, segmentsBefore, bytesBefore);
        notes.put(key(before), new GapNote(before, Status.NEW));
      } else {
        retire(gap);
      }
    }
  }

  /** The part before the cut gets as much of the figure as of the offsets that are left. */
  private static long share(long figure, long cutFrom, long cutTo, Gap gap) {
    long before = cutFrom - gap.fromOffset();
    long after = gap.toOffset() - cutTo;
    return Math.round((double) figure * before / (before + after));
  }

  /** Forgets the gaps of a partition that is deleted. */
  public void closeAll(PartitionId partition) throws CatalogException {
    synchronized (changes) {
      for (GapNote note : current(partition)) {
        retire(note.gap());
      }
    }
  }

  @GuardedBy("changes")
  private void retire(Gap gap) throws CatalogException {
    notes.put(key(gap), new GapNote(gap, Status.RETIRED));
  }

  /** Gaps that the bucket does not know, or knows otherwise; a copy. */
  public List<Gap> unpublished() {
    return with(Status.NEW);
  }

  /** What were gaps, and may still be objects of the bucket; a copy. */
  public List<Gap> retired() {
    return with(Status.RETIRED);
  }

  private List<Gap> with(Status status) {
    List<Gap> found = new ArrayList<>();
    for (GapNote note : notes.all().values()) {
      if (note.status() == status) {
        found.add(note.gap());
      }
    }
    return found;
  }

  /** The bucket knows the gap now; does nothing if it has changed meanwhile. */
  public void published(Gap gap) throws CatalogException {
    synchronized (changes) {
      if (notes.find(key(gap)).equals(Optional.of(new GapNote(gap, Status.NEW)))) {
        notes.put(key(gap), new GapNote(gap, Status.PUBLISHED));
      }
    }
  }

  /** The bucket has forgotten it too; does nothing if it is a gap again. */
  public void removed(Gap gap) throws CatalogException {
    synchronized (changes) {
      if (notes.find(key(gap)).equals(Optional.of(new GapNote(gap, Status.RETIRED)))) {
        notes.remove(key(gap));
      }
    }
  }

  static String key(Gap gap) {
    return key(gap.partition(), gap.fromOffset());
  }

  private static String key(PartitionId partition, long offset) {
    return partition.directory() + "/" + new SegmentId(partition, offset).fileStem();
  }
}
