package io.takhin.benchmarks.kafka;

import io.takhin.benchmarks.transfer.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A node's directory as it was when its topics had just been written, of which nodes get copies.
 * Logs of sealed segments, which never change, are the same files in all of them.
 */
final class Pristine {
  private final Workspace workspace;
  private final Path directory;

  /**
   * @param directory of a node that was stopped in good order
   */
  Pristine(Workspace workspace, Path directory) {
    this.workspace = workspace;
    this.directory = directory;
  }

  /** A copy for a node of its own. */
  Path copy() throws IOException {
    Path copy = workspace.newDirectory("node-");
    List<Path> all;
    try (Stream<Path> found = Files.walk(directory)) {
      all = found.filter(path -> !path.equals(directory)).toList();
    }
    for (Path path : all) {
      Path to = copy.resolve(directory.relativize(path));
      if (Files.isDirectory(path)) {
        Files.createDirectory(to);
      } else if (isSealedLog(path)) {
        Files.createLink(to, path);
      } else {
        Files.copy(path, to);
      }
    }
    return copy;
  }

  private static boolean isSealedLog(Path file) throws IOException {
    if (!file.toString().endsWith(".log") || file.getParent() == null) {
      return false;
    }
    try (Stream<Path> siblings = Files.list(file.getParent())) {
      return siblings
          .filter(sibling -> sibling.toString().endsWith(".log"))
          .anyMatch(sibling -> sibling.compareTo(file) > 0);
    }
  }
}
