package io.takhin.broker.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Hands out producer ids that were never handed out before. The file {@code .producer-ids} holds
 * one decimal number: every id below it may be in use. It is raised by a block at a time, before
 * the first id of the block is given away, so a crash loses ids but repeats none.
 */
public final class ProducerIds {
  private static final long BLOCK = 1000;

  private final Path file;

  @GuardedBy("this")
  private long next;

  @GuardedBy("this")
  private long end;

  public ProducerIds(Path dataDir) throws IOException {
    this.file = dataDir.resolve(".producer-ids");
    if (Files.exists(file)) {
      String text = Files.readString(file).trim();
      try {
        next = Long.parseLong(text);
      } catch (NumberFormatException e) {
        throw new IOException(file + ": expected a number, got '" + text + "'", e);
      }
    }
    end = next;
  }

  public synchronized long take() throws IOException {
    if (next == end) {
      AtomicFile.write(file, Long.toString(end + BLOCK).getBytes(StandardCharsets.US_ASCII));
      end += BLOCK;
    }
    return next++;
  }
}
