package io.takhin.broker.cli;

import io.takhin.broker.server.StartException;
import io.takhin.broker.server.TakhinServer;
import io.takhin.config.ConfigException;
import io.takhin.config.TakhinConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code takhin start}: runs until the process is asked to end. */
@Command(
    name = "start",
    description = "Starts the broker, and prints one line with all addresses once it is ready.")
final class StartCommand implements Runnable {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML configuration; without it every key has its default.")
  private @Nullable Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Overrides one key; may be repeated.")
  private Map<String, String> overrides = new LinkedHashMap<>();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    TakhinServer server = start(load(file, overrides));
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  stopped.countDown();
                },
                "takhin-shutdown"));
    PrintWriter out = spec.commandLine().getOut();
    out.println(server.readyLine());
    out.flush();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static TakhinConfig load(@Nullable Path file, Map<String, String> overrides) {
    try {
      return TakhinConfig.load(file, System.getenv(), overrides);
    } catch (ConfigException e) {
      throw new CommandFailure(ExitCode.CONFIG, String.valueOf(e.getMessage()), e);
    }
  }

  static TakhinServer start(TakhinConfig config) {
    try {
      return TakhinServer.start(config);
    } catch (StartException e) {
      throw new CommandFailure(ExitCode.CANNOT_START, "cannot start: " + e.getMessage(), e);
    }
  }
}
