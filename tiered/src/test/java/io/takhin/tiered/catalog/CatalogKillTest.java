package io.takhin.tiered.catalog;

import static io.takhin.tiered.catalog.Segments.LOCAL;
import static io.takhin.tiered.catalog.Segments.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed has lost nothing of what it was told is done. */
class CatalogKillTest {
  private static final int ACKNOWLEDGED_BEFORE_THE_KILL = 200;
  private static final int CALLERS = 4;

  @TempDir Path directory;

  @Test
  void whatWasAcknowledgedSurvivesAKill() throws Exception {
    Path file = directory.resolve("catalog.db");
    List<Long> acknowledged = new ArrayList<>();
    Process process = startWriter(file);
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      while (acknowledged.size() < ACKNOWLEDGED_BEFORE_THE_KILL) {
        acknowledged.add(acknowledgedIndex(lines.readLine()));
      }
    } finally {
      process.destroyForcibly();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    // The lock dies with the process, so the file can be opened at once.
    try (SegmentCatalog catalog = SegmentCatalog.open(file, Clock.systemUTC())) {
      for (long index : acknowledged) {
        assertThat(catalog.find(Segments.sealed(index).id()).orElseThrow().state().label())
            .as("segment %d", index)
            .isEqualTo("remoteonly");
      }
      assertThat(catalog.stats().segments()).isEqualTo(catalog.segments(ORDERS).size());
    }
  }

  private static long acknowledgedIndex(String line) throws IOException {
    if (line == null || !line.startsWith("done ") || !line.endsWith(".")) {
      throw new IOException("the writer ended early or spoke unexpectedly: " + line);
    }
    return Long.parseLong(line.substring(5, line.length() - 1));
  }

  private static Process startWriter(Path file) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            Writer.class.getName(),
            file.toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** The process to be killed: moves segments from several threads and tells of each one. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) throws CatalogException {
      SegmentCatalog catalog = SegmentCatalog.open(Path.of(args[0]), Clock.systemUTC());
      for (int caller = 0; caller < CALLERS; caller++) {
        long first = caller;
        new Thread(() -> moveFrom(catalog, first)).start();
      }
    }

    private static void moveFrom(SegmentCatalog catalog, long first) {
      try {
        for (long index = first; ; index += CALLERS) {
          SegmentMetadata segment = catalog.register(Segments.sealed(index));
          assertThat(segment.state()).isEqualTo(LOCAL);
          Segments.toRemoteOnly(catalog, segment.id());
          synchronized (System.out) {
            System.out.print("done " + index + ".\n");
            System.out.flush();
          }
        }
      } catch (CatalogException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
