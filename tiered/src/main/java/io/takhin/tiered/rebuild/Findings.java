package io.takhin.tiered.rebuild;

import io.takhin.tiered.catalog.Gap;
import io.takhin.tiered.catalog.Receipt;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.rebuild.RebuildProblem.Kind;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what a survey sees, segment by segment, in the order of the listing. One thread. Holds
 * sums, the partitions, and a bounded number of problems.
 */
final class Findings {
  private static final int MAX_PROBLEMS = 1000;

  private final List<RebuiltPartition> partitions = new ArrayList<>();
  private GapList gapList = new GapList();
  private final Set<PartitionId> unseenGaps = new TreeSet<>();
  private final List<RebuildProblem> problems = new ArrayList<>();
  private final Map<Kind, Long> problemCounts = new EnumMap<>(Kind.class);
  private long segments;
  private long bytes;
  private long localSegments;
  private long deletedSegments;
  private long gaps;
  private long uncommittedSegments;
  private long foreignObjects;

  /** The partition whose segments are being told, and what is known of it so far. */
  private @Nullable PartitionId partition;

  private long partitionStart = -1;
  private long partitionCovered;
  private long partitionNext;
  private long partitionSegments;
  private long partitionBytes;

  /** What was given up; told before the first segment. */
  void gaps(GapList list) {
    gapList = list;
    list.all().forEach(each -> unseenGaps.add(each.getKey()));
  }

  void problem(Kind kind, String subject, String detail) {
    problemCounts.merge(kind, 1L, Long::sum);
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(new RebuildProblem(kind, subject, detail));
    }
  }

  void foreign() {
    foreignObjects++;
  }

  void uncommitted() {
    uncommittedSegments++;
  }

  /** A segment that readers are going to find. */
  void taken(SegmentMetadata segment, boolean isLocal) {
    covered(segment.id(), segment.endOffset());
    long segmentBytes = segment.state().receipt().map(Receipt::totalBytes).orElse(0L);
    partitionSegments++;
    partitionBytes += segmentBytes;
    if (isLocal) {
      localSegments++;
    } else {
      segments++;
      bytes += segmentBytes;
    }
  }

  /** A segment that is left out; its offsets must not be given to other records all the same. */
  void leftOut(SegmentId id, long endOffset) {
    covered(id, endOffset);
  }

  /** A segment that nobody may read any more. */
  void deleted(SegmentId id, long endOffset) {
    begin(id.partition());
    deletedSegments++;
    partitionNext = Math.max(partitionNext, endOffset);
  }

  private void covered(SegmentId id, long endOffset) {
    begin(id.partition());
    if (partitionStart < 0) {
      partitionStart = id.baseOffset();
    } else if (id.baseOffset() > partitionCovered
        && !gapList.covers(id.partition(), partitionCovered, id.baseOffset())) {
      problem(
          Kind.HOLE,
          id.partition().toString(),
          "no segment holds offsets " + partitionCovered + " to " + (id.baseOffset() - 1));
    } else if (id.baseOffset() < partitionCovered) {
      problem(
          Kind.OVERLAP,
          id.toString(),
          "begins at " + id.baseOffset() + ", and the ones before it end at " + partitionCovered);
    }
    partitionCovered = Math.max(partitionCovered, endOffset);
    partitionNext = Math.max(partitionNext, endOffset);
  }

  private void begin(PartitionId next) {
    if (partition == null || !partition.equals(next)) {
      endPartition();
      partition = next;
    }
  }

  private void endPartition() {
    if (partition != null) {
      for (Gap gap : gapList.of(partition)) {
        gaps++;
        partitionNext = Math.max(partitionNext, gap.toOffset());
      }
      unseenGaps.remove(partition);
      partitions.add(
          new RebuiltPartition(
              partition,
              partitionStart < 0 ? partitionNext : partitionStart,
              partitionNext,
              partitionSegments,
              partitionBytes));
    }
    partition = null;
    partitionStart = -1;
    partitionCovered = 0;
    partitionNext = 0;
    partitionSegments = 0;
    partitionBytes = 0;
  }

  RebuildReport report(long objects, long requests) {
    endPartition();
    for (PartitionId id : List.copyOf(unseenGaps)) {
      partition = id;
      partitionStart = gapList.of(id).get(0).fromOffset();
      endPartition();
    }
    return new RebuildReport(
        partitions,
        segments,
        bytes,
        localSegments,
        deletedSegments,
        gaps,
        uncommittedSegments,
        foreignObjects,
        problems,
        problemCounts,
        objects,
        requests);
  }
}
