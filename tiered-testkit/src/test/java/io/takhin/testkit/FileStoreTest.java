package io.takhin.testkit;

import io.takhin.tiered.store.ObjectStore;
import io.takhin.tiered.store.file.FileStore;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class FileStoreTest extends ObjectStoreContract {
  private final Path root;

  FileStoreTest(@TempDir Path root) {
    this.root = root;
  }

  @Override
  protected ObjectStore openStore() throws IOException {
    return FileStore.open(root);
  }
}
