package io.takhin.tiered.disk;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** Measures a file system. A port, because a test cannot fill the disk it runs on. */
@FunctionalInterface
public interface DiskSpace {
  /** What the operating system says; blocks that are reserved for others count as used. */
  DiskSpace OF_FILE_SYSTEM =
      directory -> {
        FileStore disk = Files.getFileStore(directory);
        long totalBytes = disk.getTotalSpace();
        return new DiskUsage(Math.max(0, totalBytes - disk.getUsableSpace()), totalBytes);
      };

  /** The file system of an existing directory. */
  DiskUsage measure(Path directory) throws IOException;
}
