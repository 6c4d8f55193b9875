package io.takhin.tiered.archive;

import io.takhin.tiered.segment.FileKind;
import io.takhin.tiered.segment.InvalidSegmentPathException;
import io.takhin.tiered.segment.PartitionId;
import io.takhin.tiered.segment.SegmentId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells from keys what the objects are: the inverse of {@link SegmentKeys}. Remembers the folder of
 * the key before, which in a listing is nearly always the same. One thread.
 */
final class KeyReader {
  private static final NamedObject FOREIGN = new NamedObject.Foreign();
  private static final NamedObject OWN = new NamedObject.Own();

  private final String root;
  private String lastFolder = "";
  private @Nullable PartitionId lastPartition;

  KeyReader(SegmentKeys keys) {
    this.root = keys.root();
  }

  NamedObject read(String key) {
    if (!key.startsWith(root)) {
      return FOREIGN;
    }
    if (key.startsWith(SegmentKeys.OWN_FOLDER, root.length())) {
      return OWN;
    }
    int slash = key.indexOf('/', root.length());
    int dot = key.indexOf('.', slash + 1);
    if (slash < 0 || dot < 0) {
      return FOREIGN;
    }
    Optional<SegmentId> id =
        partition(key.substring(root.length(), slash))
            .flatMap(partition -> segment(partition, key.substring(slash + 1, dot)));
    return id.isPresent() ? ofEnding(id.get(), key.substring(dot + 1)) : FOREIGN;
  }

  private static NamedObject ofEnding(SegmentId id, String ending) {
    if (ending.equals(SegmentKeys.MANIFEST)) {
      return new NamedObject.ManifestObject(id);
    }
    if (ending.equals(SegmentKeys.TOMBSTONE)) {
      return new NamedObject.Tombstone(id);
    }
    Optional<FileKind> kind = FileKind.ofExtension(ending);
    return kind.isPresent() ? new NamedObject.File(id, kind.get()) : FOREIGN;
  }

  private Optional<PartitionId> partition(String folder) {
    if (!folder.equals(lastFolder)) {
      lastFolder = folder;
      try {
        lastPartition = PartitionId.parse(folder);
      } catch (InvalidSegmentPathException e) {
        lastPartition = null;
      }
    }
    return Optional.ofNullable(lastPartition);
  }

  private static Optional<SegmentId> segment(PartitionId partition, String stem) {
    try {
      SegmentId id = new SegmentId(partition, Long.parseLong(stem));
      return id.fileStem().equals(stem) ? Optional.of(id) : Optional.empty();
    } catch (NumberFormatException | InvalidSegmentPathException e) {
      return Optional.empty();
    }
  }
}
