package io.takhin.tiered.archive;

import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.SegmentId;
import io.takhin.tiered.store.ObjectKey;

/**
 * Where a segment lies in the bucket: {@code <prefix>/<topic>-<partition>/<base offset>.<ending>}.
 *
 * @param prefix without slashes at its ends; may be empty
 */
public record SegmentKeys(String prefix) {
  private static final String MANIFEST = "manifest.json";

  public SegmentKeys {
    if (!prefix.isEmpty()) {
      ObjectKey valid = new ObjectKey(prefix); // Fails here and not at the first segment.
      prefix = valid.value();
    }
  }

  ObjectKey manifest(SegmentId id) {
    return new ObjectKey(stem(id) + MANIFEST);
  }

  ObjectKey file(SegmentId id, FileKind kind) {
    return new ObjectKey(stem(id) + kind.extension());
  }

  /** What the keys of all of the segment's objects begin with, and no other's do. */
  String stem(SegmentId id) {
    String folder = prefix.isEmpty() ? "" : prefix + "/";
    return folder + id.partition().directory() + "/" + id.fileStem() + ".";
  }
}
