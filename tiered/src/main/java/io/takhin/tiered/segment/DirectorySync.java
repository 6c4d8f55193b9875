package io.takhin.tiered.segment;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Makes names durable. Creating, renaming or deleting a file changes its directory, which has to be
 * forced to disk on its own: forcing the file is not enough on Linux file systems.
 */
public final class DirectorySync {
  private DirectorySync() {}

  public static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
