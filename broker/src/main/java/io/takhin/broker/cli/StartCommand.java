package io.takhin.broker.cli;

import io.takhin.broker.server.StartException;
import io.takhin.broker.server.TakhinServer;
import io.takhin.config.TakhinConfig;
import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code takhin start}: runs until the process is asked to end. */
@Command(
    name = "start",
    description = "Starts the broker, and prints one line with all addresses once it is ready.")
final class StartCommand implements Runnable {
  @Mixin private ConfigOptions configuration = new ConfigOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    TakhinServer server = start(configuration.load());
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

  static TakhinServer start(TakhinConfig config) {
    try {
      return TakhinServer.start(config);
    } catch (StartException e) {
      throw new CommandFailure(ExitCode.CANNOT_START, "cannot start: " + e.getMessage(), e);
    }
  }
}
