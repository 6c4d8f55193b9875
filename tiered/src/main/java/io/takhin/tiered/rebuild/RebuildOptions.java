package io.takhin.tiered.rebuild;

import io.takhin.tiered.segment.SegmentId;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * How a rebuild works.
 *
 * @param keyPrefix as the archiver has it
 * @param parallelism manifests read at the same time, 1 to 256
 * @param localLogBytes size of the segment's log on this machine; empty if it is not here
 */
public record RebuildOptions(
    String keyPrefix, int parallelism, Function<SegmentId, OptionalLong> localLogBytes) {
  private static final int DEFAULT_PARALLELISM = 32;
  private static final int MAX_PARALLELISM = 256;

  public RebuildOptions {
    if (parallelism < 1 || parallelism > MAX_PARALLELISM) {
      throw new IllegalArgumentException(
          "invalid parallelism: expected 1 to " + MAX_PARALLELISM + ", got " + parallelism);
    }
  }

  /** For a machine that has none of the segments. */
  public static RebuildOptions fromBucketAlone(String keyPrefix) {
    return new RebuildOptions(keyPrefix, DEFAULT_PARALLELISM, id -> OptionalLong.empty());
  }

  /** For a machine that has lost its catalog and still has logs. */
  public RebuildOptions besideLocalLogs(Function<SegmentId, OptionalLong> logBytes) {
    return new RebuildOptions(keyPrefix, parallelism, logBytes);
  }

  public RebuildOptions withParallelism(int manifests) {
    return new RebuildOptions(keyPrefix, manifests, localLogBytes);
  }
}
