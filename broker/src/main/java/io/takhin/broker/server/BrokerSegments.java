package io.takhin.broker.server;

import io.takhin.broker.tiering.LocalPartitions;
import io.takhin.tiered.segment.LocalSegments;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentFiles;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The archiver's view of the broker's logs: it finds files by their names, and leaves the freeing
 * to the log, which gives away its oldest segments only.
 */
final class BrokerSegments implements LocalSegments {
  private final Path dataDir;
  private final LocalPartitions partitions;

  BrokerSegments(Path dataDir, LocalPartitions partitions) {
    this.dataDir = dataDir;
    this.partitions = partitions;
  }

  @Override
  public SegmentFiles locate(SegmentId id) throws IOException {
    return SegmentFiles.locate(dataDir, id);
  }

  @Override
  public boolean free(SegmentId id) throws IOException {
    return partitions.freeLocal(Ids.topicPartition(id.partition()), id.baseOffset());
  }

  @Override
  public void lost(PartitionId partition, long fromOffset, long toOffset) throws IOException {
    partitions.lost(Ids.topicPartition(partition), fromOffset, toOffset);
  }
}
