package io.takhin.tiered.segment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * The files of one segment as found in a directory at one moment.
 *
 * @param id the segment
 * @param paths what exists, by kind; always holds {@link FileKind#LOG}
 */
public record SegmentFiles(SegmentId id, Map<FileKind, Path> paths) {
  public SegmentFiles {
    if (!paths.containsKey(FileKind.LOG)) {
      throw new IllegalArgumentException("no log file: segment=" + id + " found=" + paths.keySet());
    }
    paths = Map.copyOf(paths);
  }

  /**
   * Looks for the segment's files in {@code <root>/<topic>-<partition>/}. Only the known kinds are
   * asked for by name, so the cost does not grow with the number of segments in the directory.
   *
   * @throws NoSuchFileException if there is no log file
   */
  public static SegmentFiles locate(Path root, SegmentId id) throws IOException {
    Path directory = root.resolve(id.partition().directory());
    Map<FileKind, Path> found = new EnumMap<>(FileKind.class);
    for (FileKind kind : FileKind.local()) {
      Path file = directory.resolve(kind.fileName(id));
      if (Files.isRegularFile(file)) {
        found.put(kind, file);
      }
    }
    if (!found.containsKey(FileKind.LOG)) {
      throw new NoSuchFileException(
          directory.resolve(FileKind.LOG.fileName(id)).toString(), null, "segment has no log file");
    }
    return new SegmentFiles(id, found);
  }

  public Path log() {
    return path(FileKind.LOG).orElseThrow();
  }

  public Optional<Path> path(FileKind kind) {
    return Optional.ofNullable(paths.get(kind));
  }
}
