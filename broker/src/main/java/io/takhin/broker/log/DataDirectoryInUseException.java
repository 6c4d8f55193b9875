package io.takhin.broker.log;

import java.io.IOException;
import java.nio.file.Path;

/** Another process (or another broker in this one) holds the data directory. */
public final class DataDirectoryInUseException extends IOException {
  DataDirectoryInUseException(Path directory, String owner) {
    super(
        "storage.data.dir "
            + directory
            + " is in use by process "
            + (owner.isEmpty() ? "(unknown)" : owner)
            + "; stop that process, or choose another directory");
  }
}
