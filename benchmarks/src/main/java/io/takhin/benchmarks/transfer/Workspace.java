package io.takhin.benchmarks.transfer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A directory for everything that a run makes, removed at its end. When the process is told to end
 * before, the thread that made this is interrupted, and has some time to clean up as it does
 * always.
 */
public final class Workspace implements AutoCloseable {
  private static final long PATIENCE_MILLIS = 20_000;

  private final Path directory;

  private Workspace(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes one.
   *
   * @param parent made if absent
   * @param name what the directory's name begins with
   */
  public static Workspace create(Path parent, String name) throws IOException {
    Files.createDirectories(parent);
    Workspace created = new Workspace(Files.createTempDirectory(parent, name + "-"));
    Thread owner = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> created.endEarly(owner), "benchmark-cleanup"));
    return created;
  }

  public Path directory() {
    return directory;
  }

  public Path newDirectory(String prefix) throws IOException {
    return Files.createTempDirectory(directory, prefix);
  }

  /** A file's name, free for use. */
  public Path file(String name) {
    return directory.resolve(name);
  }

  public static void remove(Path directory) throws IOException {
    try (Stream<Path> found = Files.walk(directory)) {
      for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void endEarly(Thread owner) {
    try {
      owner.interrupt();
      owner.join(PATIENCE_MILLIS);
      if (Files.exists(directory)) {
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
        remove(directory);
      }
    } catch (IOException | InterruptedException e) {
      System.err.println("[benchmark] left behind: " + directory + ": " + e);
    }
  }

  @Override
  public void close() throws IOException {
    remove(directory);
  }
}
