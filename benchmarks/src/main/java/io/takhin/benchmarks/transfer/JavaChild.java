package io.takhin.benchmarks.transfer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A JVM on the class path of this one, spoken to by lines. It ends when its standard input does, so
 * it does not outlive this process however that ends. Used by one thread.
 */
public final class JavaChild implements AutoCloseable {
  private static final long START_SECONDS = 60;
  private static final long STOP_SECONDS = 10;
  private static final String END = "\0end of output";

  private final Process process;
  private final Writer input;
  private final LinkedBlockingQueue<String> output = new LinkedBlockingQueue<>();
  private final Path log;
  private final String greeting;

  private JavaChild(Process process, Path log) throws IOException {
    this.process = process;
    this.input = process.outputWriter(StandardCharsets.UTF_8);
    this.log = log;
    Thread reader = new Thread(this::readOutput, "child-output-" + process.pid());
    reader.setDaemon(true);
    reader.start();
    try {
      this.greeting = nextLine(START_SECONDS);
    } catch (IOException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /**
   * Starts a class's {@code main} and returns when it has printed its first line.
   *
   * @param log gets its standard error
   */
  public static JavaChild start(
      Class<?> main,
      List<String> jvmOptions,
      List<String> arguments,
      Map<String, String> environment,
      Path log)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().putAll(environment);
    return new JavaChild(builder.start(), log);
  }

  public long pid() {
    return process.pid();
  }

  /** The first line that it printed. */
  public String greeting() {
    return greeting;
  }

  public void tell(String line) throws IOException {
    input.write(line + "\n");
    input.flush();
  }

  public String nextLine(long timeoutSeconds) throws IOException {
    String line = awaitLine(timeoutSeconds);
    if (line == null) {
      throw new IOException("no answer within " + timeoutSeconds + " s" + logged());
    }
    return line;
  }

  /** The next line; null if none comes in time. */
  @Nullable String awaitLine(long timeoutSeconds) throws IOException {
    try {
      String line = output.poll(timeoutSeconds, TimeUnit.SECONDS);
      if (line != null && line.equals(END)) {
        throw new IOException("the process ended" + logged());
      }
      return line;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a child process worked", e);
    }
  }

  private String logged() throws IOException {
    String text = Files.readString(log).strip();
    return text.isEmpty() ? "" : ": " + text.substring(Math.max(0, text.length() - 500));
  }

  private void readOutput() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (line != null) {
        output.add(line);
        line = lines.readLine();
      }
    } catch (IOException e) {
      output.add("cannot read from the process: " + e);
    }
    output.add(END);
  }

  @Override
  public void close() {
    try {
      input.close();
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (IOException e) {
      process.destroyForcibly(); // Its pipe is broken, so it has ended or hangs.
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
