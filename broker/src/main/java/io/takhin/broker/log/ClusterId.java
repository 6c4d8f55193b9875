package io.takhin.broker.log;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.Uuid;

/**
 * The identity of a data directory, in the file {@code .cluster-id}; made up at the first start.
 */
public final class ClusterId {
  private ClusterId() {}

  public static String of(DataDirectory directory) throws IOException {
    Path file = directory.path().resolve(".cluster-id");
    if (!Files.exists(file)) {
      AtomicFile.write(file, Uuid.randomUuid().toString().getBytes(StandardCharsets.US_ASCII));
    }
    return Files.readString(file).trim();
  }
}
