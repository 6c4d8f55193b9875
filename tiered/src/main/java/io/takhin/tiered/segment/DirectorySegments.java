package io.takhin.tiered.segment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Segments as plain files in {@code <root>/<topic>-<partition>/}: the log directory of an embedder
 * that keeps nothing open, and the directory of restored segments.
 */
public final class DirectorySegments implements LocalSegments {
  private final Path root;

  public DirectorySegments(Path root) {
    this.root = root;
  }

  public Path root() {
    return root;
  }

  /** The directory in which the partition's files lie; need not exist. */
  public Path directory(PartitionId partition) {
    return root.resolve(partition.directory());
  }

  @Override
  public SegmentFiles locate(SegmentId id) throws IOException {
    return SegmentFiles.locate(root, id);
  }

  @Override
  public boolean free(SegmentId id) throws IOException {
    Path directory = directory(id.partition());
    boolean deleted = Files.deleteIfExists(directory.resolve(FileKind.LOG.fileName(id)));
    for (FileKind kind : FileKind.local()) {
      deleted |= Files.deleteIfExists(directory.resolve(kind.fileName(id)));
    }
    if (deleted) {
      DirectorySync.force(directory);
    }
    return true;
  }
}
