package io.takhin.broker.server;

import io.takhin.tiered.disk.DiskSpace;
import io.takhin.tiered.disk.DiskUsage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A disk as large as a test wants it, on which only the logs of one topic take room. */
record SmallDisk(Path data, String topic, long totalBytes) implements DiskSpace {
  @Override
  public DiskUsage measure(Path directory) throws IOException {
    return new DiskUsage(usedBytes(), totalBytes);
  }

  /** Of its log files, those that are about to be deleted included. */
  long usedBytes() throws IOException {
    long bytes = 0;
    try (Stream<Path> partitions = Files.list(data)) {
      for (Path partition :
          partitions
              .filter(path -> path.getFileName().toString().startsWith(topic + "-"))
              .toList()) {
        try (Stream<Path> files = Files.list(partition)) {
          bytes +=
              files
                  .filter(file -> file.getFileName().toString().contains(".log"))
                  .mapToLong(SmallDisk::sizeBytes)
                  .sum();
        }
      }
    } catch (NoSuchFileException e) {
      return bytes; // Not made yet, or deleted meanwhile.
    }
    return bytes;
  }

  private static long sizeBytes(Path file) {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
