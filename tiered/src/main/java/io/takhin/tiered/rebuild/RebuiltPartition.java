package io.takhin.tiered.rebuild;

import io.takhin.tiered.segment.PartitionId;

/**
 * What the bucket holds of a partition.
 *
 * @param startOffset base offset of its first segment that is not deleted; where there is none, the
 *     next offset
 * @param nextOffset offset after all that the bucket has ever named; where appending goes on
 * @param segments taken into the catalog, or left to the local files that are here
 * @param bytes of all their files
 */
public record RebuiltPartition(
    PartitionId partition, long startOffset, long nextOffset, long segments, long bytes) {

  /** Whether all that it ever held is deleted. */
  public boolean isEmpty() {
    return startOffset == nextOffset;
  }
}
