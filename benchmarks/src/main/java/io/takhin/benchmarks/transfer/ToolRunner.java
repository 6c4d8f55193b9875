package io.takhin.benchmarks.transfer;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A program that others made, started anew for each transfer as its users do. */
final class ToolRunner implements Runner {
  private static final long TIMEOUT_SECONDS = 1_800;
  private static final long WATCH_MILLIS = 10;

  private final Tool tool;
  private final Path program;
  private final Target target;
  private final Path emptyFile;
  private final Path log;

  private ToolRunner(Tool tool, Path program, Target target, Path emptyFile, Path log) {
    this.tool = tool;
    this.program = program;
    this.target = target;
    this.emptyFile = emptyFile;
    this.log = log;
  }

  /**
   * Empty if it is not installed.
   *
   * @param workspace for its log and an empty configuration
   */
  static Optional<ToolRunner> find(Tool tool, Target target, Path workspace) throws IOException {
    Optional<Path> program = onPath(tool.program());
    if (program.isEmpty()) {
      return Optional.empty();
    }
    Path emptyFile = workspace.resolve("empty.conf");
    Files.writeString(emptyFile, "");
    Path log = workspace.resolve("tool.log");
    return Optional.of(new ToolRunner(tool, program.get(), target, emptyFile, log));
  }

  @Override
  public String name() {
    return tool.name();
  }

  @Override
  public boolean warmsUp() {
    return false;
  }

  @Override
  public Sample move(Direction direction, DataSet data, String prefix, Path directory)
      throws IOException {
    Map<String, String> words =
        Map.of(
            "{endpoint}", target.endpoint().toString(),
            "{host}", target.endpoint().getAuthority(),
            "{region}", target.region(),
            "{from}", from(direction, prefix, directory),
            "{to}", to(direction, prefix, directory),
            "{empty}", emptyFile.toString());
    List<String> command = tool.command(direction, program, target.endpoint(), words);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(target.environment());
    builder.environment().putAll(tool.environment());
    if (target.endpoint().getScheme().equals("http")) {
      builder.environment().remove("AWS_CA_BUNDLE"); // Of no use here, and rclone 1.60 fails on it.
    }

    long beganCpuNanos = ProcFs.endedChildrenCpuNanos();
    long beganNanos = System.nanoTime();
    Process process = builder.start();
    long peakRssBytes = watch(process);
    long nanos = System.nanoTime() - beganNanos;
    if (process.exitValue() != 0) {
      String said = Files.readString(log).strip().replaceAll("\\s+", " ");
      throw new IOException(
          "exit status "
              + process.exitValue()
              + ": "
              + said.substring(Math.max(0, said.length() - 200)));
    }
    long cpuNanos = ProcFs.endedChildrenCpuNanos() - beganCpuNanos;
    long forcedNanos =
        direction == Direction.UPLOAD ? 0 : JvmRunner.force(data.items(prefix, directory));
    return new Sample(nanos, nanos + forcedNanos, cpuNanos, peakRssBytes);
  }

  private String from(Direction direction, String prefix, Path directory) {
    return direction == Direction.UPLOAD ? directory + "/" : tool.url(target.bucket(), prefix);
  }

  private String to(Direction direction, String prefix, Path directory) {
    return direction == Direction.UPLOAD ? tool.url(target.bucket(), prefix) : directory + "/";
  }

  /** Waits for its end; the system tells the peak as long as it runs, hence the short waits. */
  private static long watch(Process process) throws IOException {
    long peakRssBytes = 0;
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    try {
      while (!process.waitFor(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
        peakRssBytes = Math.max(peakRssBytes, peakOf(process));
        if (System.nanoTime() > deadlineNanos) {
          throw new IOException("not done within " + TIMEOUT_SECONDS + " s");
        }
      }
      return peakRssBytes;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a tool worked", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static long peakOf(Process process) {
    try {
      return ProcFs.peakRssBytes(process.pid());
    } catch (IOException e) {
      return 0; // It has ended since the last look.
    }
  }

  private static Optional<Path> onPath(String program) throws IOException {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String directory : path.split(File.pathSeparator, -1)) {
      Path file = Path.of(directory).resolve(program);
      if (Files.isExecutable(file)) {
        return directory.endsWith("/shims") ? behindShim(program) : Optional.of(file);
      }
    }
    return Optional.empty();
  }

  /** What pyenv would start; its search takes a quarter of a second that is not the tool's. */
  private static Optional<Path> behindShim(String program) throws IOException {
    Process which = new ProcessBuilder("pyenv", "which", program).start();
    String found =
        new String(which.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return found.isEmpty() ? Optional.empty() : Optional.of(Path.of(found));
  }

  @Override
  public void close() {}
}
