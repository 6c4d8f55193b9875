package io.takhin.broker.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Says that a data directory is being rebuilt from the bucket and is not whole: the empty file
 * {@code .rebuilding}. A broker does not start on it, because it would append at offsets that the
 * bucket already holds; the next rebuild begins anew over it.
 */
final class RebuildMarker {
  private static final String NAME = ".rebuilding";

  private final Path file;

  RebuildMarker(Path dataDir) {
    this.file = dataDir.resolve(NAME);
  }

  boolean exists() {
    return Files.exists(file);
  }

  /**
   * @throws StartException if it is there
   */
  void requireAbsent() throws StartException {
    if (exists()) {
      throw new StartException(
          "the data directory was being rebuilt from the bucket and is not whole: "
              + file
              + " exists; run `takhin rebuild` again with the same configuration");
    }
  }

  void put() throws IOException {
    Files.write(file, new byte[0]);
    syncDirectory();
  }

  void remove() throws IOException {
    Files.deleteIfExists(file);
    syncDirectory();
  }

  private void syncDirectory() throws IOException {
    try (FileChannel directory =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
