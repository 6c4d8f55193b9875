package io.takhin.tiered.read;

import io.takhin.tiered.segment.ByteRange;
import io.takhin.tiered.segment.SegmentId;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The store returned other bytes than were archived, twice. The chunk is set apart for some minutes
 * and then tried again; everything else of the segment is served.
 */
public final class DamagedChunkException extends IOException {
  private final SegmentId segment;

  DamagedChunkException(
      RemoteFile file, ByteRange range, String problem, @Nullable Throwable cause) {
    super(
        "damaged chunk: segment="
            + file.segment()
            + " key="
            + file.key()
            + " range="
            + range
            + " "
            + problem,
        cause);
    this.segment = file.segment();
  }

  SegmentId segment() {
    return segment;
  }
}
