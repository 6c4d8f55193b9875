package io.takhin.tiered.archive;

import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.StoredObject;
import java.util.Map;
import java.util.Optional;

/**
 * The objects of one segment as a listing told them.
 *
 * @param files those that are there, whether or not a manifest names them
 */
public record ListedSegment(
    SegmentId id,
    Optional<StoredObject> manifest,
    Optional<StoredObject> tombstone,
    Map<FileKind, StoredObject> files) {
  public ListedSegment {
    files = Map.copyOf(files);
  }
}
