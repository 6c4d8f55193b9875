package io.takhin.tiered.policy;

import io.takhin.tiered.catalog.SegmentMetadata;
import io.takhin.tiered.segment.SegmentId;
import java.util.concurrent.CompletableFuture;

/** What the engine asks for; implemented by whoever moves bytes. Neither call blocks. */
public interface TierActions {
  /** Copies the segment to the bucket; completes with what the catalog then holds. */
  CompletableFuture<SegmentMetadata> archive(SegmentId id, String reason);

  /** Frees the local files of a segment that is proved in the bucket. */
  CompletableFuture<SegmentMetadata> reclaim(SegmentId id, String reason);
}
