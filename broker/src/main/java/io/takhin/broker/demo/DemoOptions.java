package io.takhin.broker.demo;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a demo is to do.
 *
 * @param home the project's directory, whose documents are the text unless a file is given
 * @param dir where the broker keeps its data; stays afterwards
 * @param file a text to produce instead of the documents
 * @param bytes how much to produce; the text is repeated until then
 * @param terminal whether progress may be rewritten in place
 */
public record DemoOptions(Path home, Path dir, Optional<Path> file, long bytes, boolean terminal) {
  static final String TOPIC = "documents";
  static final int PARTITIONS = 4;

  public DemoOptions {
    if (bytes < 1) {
      throw new IllegalArgumentException("bytes to produce: expected 1 or more, got " + bytes);
    }
  }

  /** About a dozen segments for each partition, so that there is something to watch. */
  long segmentBytes() {
    long each = bytes / PARTITIONS / 12;
    return Math.max(1 << 20, Math.min(64 << 20, each));
  }
}
