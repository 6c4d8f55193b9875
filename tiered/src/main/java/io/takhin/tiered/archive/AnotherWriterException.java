package io.takhin.tiered.archive;

import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;
import java.io.IOException;

/**
 * The bucket already holds a segment of this name with other bytes: another cluster writes to the
 * same prefix, or the topic was created anew while its old objects stayed. Local files are kept.
 */
public final class AnotherWriterException extends IOException {
  AnotherWriterException(SegmentId id, ObjectKey manifest, String theirs, String ours) {
    super(
        "another writer's segment is at this key, local files are kept: segment="
            + id
            + " key="
            + manifest
            + " theirs="
            + theirs
            + " ours="
            + ours
            + "; give each cluster its own bucket or prefix");
  }
}
