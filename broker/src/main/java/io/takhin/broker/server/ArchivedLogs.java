package io.takhin.broker.server;

import io.takhin.broker.log.AdoptedLog;
import io.takhin.tiered.TieredStorageManager;
import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.catalog.SegmentState;
import io.takhin.tiered.segment.PartitionId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the archiver has of a topic that the broker does not know, or no longer. */
final class ArchivedLogs {
  private ArchivedLogs() {}

  /**
   * For each partition, the records at its end that no gap divides; what lies before a gap could
   * not be reached by reading on.
   */
  static Map<Integer, AdoptedLog> of(TieredStorageManager tiers, String topic) {
    Map<Integer, AdoptedLog> logs = new HashMap<>();
    for (PartitionId partition : tiers.partitions()) {
      if (partition.topic().equals(topic)) {
        newestRun(tiers.segments(partition)).ifPresent(log -> logs.put(partition.partition(), log));
      }
    }
    return logs;
  }

  /**
   * @param segments in offset order
   */
  static Optional<AdoptedLog> newestRun(List<SegmentMetadata> segments) {
    long start = -1;
    long next = -1;
    for (SegmentMetadata segment : segments) {
      if (segment.state() instanceof SegmentState.Deleting) {
        continue;
      }
      if (segment.id().baseOffset() != next) {
        start = segment.id().baseOffset();
      }
      next = segment.endOffset();
    }
    return next < 0 ? Optional.empty() : Optional.of(new AdoptedLog(start, next));
  }

  /** Why the name is not free although nothing of it is deleted: an undeletion was broken off. */
  static Optional<String> leftOf(TieredStorageManager tiers, String topic) {
    long segments =
        tiers.partitions().stream()
            .filter(partition -> partition.topic().equals(topic))
            .flatMap(partition -> tiers.segments(partition).stream())
            .filter(segment -> !(segment.state() instanceof SegmentState.Deleting))
            .count();
    return segments == 0
        ? Optional.empty()
        : Optional.of(
            segments
                + " archived segments of it are there, `takhin undelete --topic "
                + topic
                + "` makes it a topic again");
  }
}
