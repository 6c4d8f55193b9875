package io.takhin.broker.server;

import io.takhin.broker.cli.Takhin;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code takhin start} in a JVM of its own, to be killed. Used by one thread. */
final class TakhinProcess implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile("takhin ready: kafka=\\S+:(\\d+) console=(\\S+) ");

  private final Process process;
  private final int port;
  private final URI console;

  private TakhinProcess(Process process, Matcher ready) {
    this.process = process;
    this.port = Integer.parseInt(ready.group(1));
    this.console = URI.create(ready.group(2));
  }

  /**
   * Starts it and waits until everything answers.
   *
   * @param log takes what the process logs; appended to
   * @throws IOException with what the process printed when it ends before it is ready
   */
  static TakhinProcess start(Map<String, String> settings, Path log) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-XX:-UsePerfData",
                "-Dtakhin.embedded.s3.dir=" + System.getProperty("takhin.embedded.s3.dir"),
                "-cp",
                System.getProperty("java.class.path"),
                Takhin.class.getName(),
                "start"));
    settings.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder
        .environment()
        .putAll(Map.of("AWS_ACCESS_KEY_ID", "any", "AWS_SECRET_ACCESS_KEY", "any"));
    Process process = builder.start();
    StringBuilder printed = new StringBuilder();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      Matcher ready = READY.matcher(line);
      if (ready.find()) {
        return new TakhinProcess(process, ready);
      }
      printed.append(line).append('\n');
    }
    throw new IOException("did not start:\n" + printed + Files.readString(log));
  }

  String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  URI console() {
    return console;
  }

  /** The processes it has started and that live now. */
  List<ProcessHandle> children() {
    return process.descendants().toList();
  }

  /** Kills it as {@code kill -9} does, and waits until it is gone. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Asks it to end, and kills it when it does not. */
  @Override
  public void close() {
    process.destroy();
    process.onExit().completeOnTimeout(process, 30, TimeUnit.SECONDS).join();
    kill();
  }
}
