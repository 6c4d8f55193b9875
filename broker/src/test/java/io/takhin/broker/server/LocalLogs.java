package io.takhin.broker.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The log files that the logs of a topic still have, those that are written to included. They tell
 * whether all that was sealed has left this machine, which the catalog does not: it learns of a
 * sealed segment a while after the log has sealed it.
 */
record LocalLogs(Path data, String topic) {
  List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> directories = Files.list(data)) {
      for (Path partition :
          directories
              .filter(path -> path.getFileName().toString().matches(topic + "-\\d+"))
              .toList()) {
        try (Stream<Path> names = Files.list(partition)) {
          names
              .filter(path -> path.getFileName().toString().matches("\\d+\\.log"))
              .forEach(files::add);
        }
      }
    }
    return files;
  }
}
