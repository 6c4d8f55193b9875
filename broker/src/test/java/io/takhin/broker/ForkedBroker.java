package io.takhin.broker;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A broker in a JVM of its own, to be killed. */
final class ForkedBroker implements AutoCloseable {
  private final Process process;
  private final int port;

  private ForkedBroker(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  static ForkedBroker start(Path dataDir, int segmentBytes) throws IOException {
    return start(List.of(), dataDir, segmentBytes);
  }

  /**
   * Starts a broker and waits until it serves.
   *
   * @param prefix a command that runs the one that follows it
   * @throws IOException with what the process printed when it ends before it serves
   */
  static ForkedBroker start(List<String> prefix, Path dataDir, int segmentBytes)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:-UsePerfData",
            "-cp",
            System.getProperty("java.class.path"),
            BrokerProcess.class.getName(),
            dataDir.toString(),
            "0",
            Integer.toString(segmentBytes)));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    StringBuilder printed = new StringBuilder();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith("port=")) {
        Thread drain = new Thread(() -> output.lines().forEach(System.out::println));
        drain.setDaemon(true);
        drain.start();
        return new ForkedBroker(process, Integer.parseInt(line.substring("port=".length())));
      }
      printed.append(line).append('\n');
    }
    throw new IOException("broker did not start:\n" + printed);
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
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
