package io.takhin.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code takhin transfer} in a JVM of its own with little memory, to be killed. */
final class TransferProcess {
  private static final Duration PATIENCE = Duration.ofMinutes(30);

  private final Process process;
  private final Path output;

  private TransferProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /**
   * @param output takes what it prints and logs; overwritten
   */
  static TransferProcess start(Path output, List<String> arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:MaxDirectMemorySize=48m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                Takhin.class.getName(),
                "transfer"));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder
        .environment()
        .putAll(Map.of("AWS_ACCESS_KEY_ID", "any", "AWS_SECRET_ACCESS_KEY", "any"));
    return new TransferProcess(builder.start(), output);
  }

  /** Waits until the progress file tells of so many objects, then a little, and kills it. */
  void killWhenDone(Path progressFile, int objects, long thenMillis) throws Exception {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !process.isAlive() || doneLines(progressFile) >= objects);
    boolean over = process.waitFor(thenMillis, TimeUnit.MILLISECONDS);
    assertThat(over).describedAs("ended before the kill: %s", Files.readString(output)).isFalse();
    process.destroyForcibly().onExit().get(1, TimeUnit.MINUTES);
  }

  /** Asks it to end as Ctrl-C does, and returns its exit status. */
  int interrupt() throws Exception {
    process.destroy();
    assertThat(process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    return process.exitValue();
  }

  /** Waits for its end, and returns what it printed. */
  List<String> finish() throws Exception {
    boolean ended = process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    process.destroyForcibly();
    List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
    assertThat(ended).isTrue();
    assertThat(process.exitValue()).describedAs("%s", lines).isZero();
    return lines;
  }

  static long doneLines(Path progressFile) throws IOException {
    if (!Files.exists(progressFile)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(progressFile, StandardCharsets.UTF_8)) {
      return lines.filter(line -> line.startsWith("{\"done\"")).count();
    }
  }
}
