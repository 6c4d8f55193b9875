package io.takhin.tiered.transfer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much can still be written. A port, because a test cannot fill the disk it runs on. */
@FunctionalInterface
public interface FreeSpace {
  FreeSpace OF_DISK = directory -> Files.getFileStore(directory).getUsableSpace();

  /** What the disk of an existing directory can still take. */
  long usableBytes(Path directory) throws IOException;

  /**
   * Fails unless the bytes fit. A check before the write cannot promise that they will still fit
   * later; it spares the download of gigabytes that could not be kept.
   */
  default void require(Path directory, long requiredBytes) throws IOException {
    long availableBytes = usableBytes(directory);
    if (availableBytes < requiredBytes) {
      throw new InsufficientSpaceException(directory, requiredBytes, availableBytes);
    }
  }
}
