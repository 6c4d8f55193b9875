package io.takhin.broker.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.takhin.broker.demo.Demo;
import io.takhin.broker.demo.DemoConfig;
import io.takhin.broker.demo.DemoOptions;
import io.takhin.broker.demo.DemoResult;
import io.takhin.broker.server.TakhinServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code takhin demo}: the main job on the embedded S3 server, shown and checked. */
@Command(
    name = "demo",
    description =
        "Produces real text, moves it to an embedded S3 server, reads it back and compares digests.")
final class DemoCommand implements Runnable {
  private static final long BYTES_PER_MB = 1_000_000;
  private static final String LOG_FILE_PROPERTY = "takhin.log.file";

  /** Set by the launcher, which can tell whether standard output is a terminal. */
  private static final String TERMINAL_PROPERTY = "takhin.terminal";

  @Option(names = "--dir", description = "Where to keep the data (default: a temporary directory).")
  private @Nullable Path dir;

  @Option(names = "--file", description = "Text to produce (default: the project's documents).")
  private @Nullable Path file;

  @Option(names = "--mb", description = "How much to produce, in MB (default: ${DEFAULT-VALUE}).")
  private int megabytes = 200;

  @Option(names = "--keep", description = "Keep broker and console running until Ctrl-C.")
  private boolean keep;

  @Option(names = "--json", description = "Print the summary as JSON, and nothing else.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    if (megabytes < 1) {
      throw new CommandFailure(ExitCode.USAGE, "--mb: expected 1 or more, got " + megabytes);
    }
    if (file != null && !Files.isReadable(file)) {
      throw new CommandFailure(ExitCode.USAGE, "--file: expected a text to read, got " + file);
    }
    PrintWriter answer = spec.commandLine().getOut();
    PrintWriter story = json ? new PrintWriter(PrintWriter.nullWriter()) : answer;
    boolean temporary = dir == null;
    try {
      Path where = directory();
      System.setProperty(LOG_FILE_PROPERTY, where.resolve("takhin.log").toString());
      DemoOptions options =
          new DemoOptions(
              Path.of(System.getProperty("takhin.home", ".")),
              where,
              Optional.ofNullable(file),
              megabytes * BYTES_PER_MB,
              Boolean.getBoolean(TERMINAL_PROPERTY));
      DemoResult result = run(options, story, temporary);
      summary(answer, result);
      if (!result.passed()) {
        throw new CommandFailure(
            ExitCode.FAILED, "the demo failed; its data and log are kept in " + where);
      }
      if (temporary) {
        deleteTree(where);
      }
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.FAILED, "the demo failed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILED, "interrupted", e);
    }
  }

  private Path directory() throws IOException {
    if (dir == null) {
      return Files.createTempDirectory("takhin-demo-");
    }
    Files.createDirectories(dir);
    try (Stream<Path> present = Files.list(dir)) {
      if (present.findAny().isPresent()) {
        throw new CommandFailure(
            ExitCode.USAGE, "--dir: expected an empty or new directory, got " + dir);
      }
    }
    return dir.toAbsolutePath();
  }

  private DemoResult run(DemoOptions options, PrintWriter story, boolean temporary)
      throws IOException, InterruptedException {
    story.println("Starting a broker with an embedded S3 server in " + options.dir());
    story.flush();
    try (TakhinServer server =
        StartCommand.start(ConfigOptions.load(null, DemoConfig.overrides(options)))) {
      story.println(server.readyLine());
      DemoResult result = new Demo(options, server, story).run();
      if (keep) {
        summary(spec.commandLine().getOut(), result);
        story.println("Kept running; end with Ctrl-C. Console: " + server.console().orElseThrow());
        story.flush();
        awaitInterrupt(server, temporary ? Optional.of(options.dir()) : Optional.empty());
      }
      return result;
    }
  }

  /** Until the process is asked to end; the server is closed before it does. */
  private void awaitInterrupt(TakhinServer server, Optional<Path> temporary)
      throws InterruptedException {
    Runnable end =
        () -> {
          server.close();
          temporary.ifPresent(this::deleteQuietly);
        };
    Runtime.getRuntime().addShutdownHook(new Thread(end, "takhin-shutdown"));
    new CountDownLatch(1).await();
  }

  /**
   * The process is ending; what cannot be deleted stays in the system's temporary directory. Not
   * logged: a logger of this class would be set up before the log file is chosen.
   */
  private void deleteQuietly(Path root) {
    try {
      deleteTree(root);
    } catch (IOException e) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("takhin: demo directory not deleted: " + root + ": " + e.getMessage());
      err.flush();
    }
  }

  private void summary(PrintWriter out, DemoResult result) {
    if (json) {
      try {
        out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(result));
      } catch (IOException e) {
        throw new IllegalStateException("a record of plain values is always writable as JSON", e);
      }
      out.flush();
      return;
    }
    boolean equal = result.producedDigest().equals(result.readDigest());
    out.println("[4/4] compare  sha256 of what was produced and of what was read");
    out.println("  produced " + result.producedDigest());
    out.println("  read     " + result.readDigest() + (equal ? "  equal" : "  DIFFERENT"));
    out.println();
    new TextTable("", "SEGMENTS", "BYTES", "SECONDS", "MB/S")
        .row(
            "produced",
            result.sealedSegments() + " sealed",
            TextTable.bytes(result.bytes()),
            result.produceSeconds(),
            rate(result.bytes(), result.produceSeconds()))
        .row(
            "to S3",
            result.archivedSegments() + " archived",
            TextTable.bytes(result.bytesUploaded()),
            result.archiveSeconds(),
            "")
        .row(
            "read back",
            result.localLogsLeft() + " were local",
            TextTable.bytes(result.bytesDownloaded()) + " from S3",
            result.readSeconds(),
            rate(result.bytes(), result.readSeconds()))
        .print(out);
    out.println();
    Map<String, Long> made = new TreeMap<>(result.requests());
    made.values().removeIf(count -> count == 0);
    out.println("S3 requests: " + made);
    out.println(result.passed() ? "Everything came back." : "FAILED: see above.");
    out.flush();
  }

  private static String rate(long bytes, double seconds) {
    return seconds == 0
        ? "-"
        : String.format(Locale.ROOT, "%.0f", bytes / (double) BYTES_PER_MB / seconds);
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
