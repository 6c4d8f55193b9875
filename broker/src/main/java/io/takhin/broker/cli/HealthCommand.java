package io.takhin.broker.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code takhin health}, made for container health checks: the exit status is the answer. */
@Command(
    name = "health",
    description = "Exits 0 when the broker is alive (or ready, with --ready).")
final class HealthCommand implements Runnable {
  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Option(names = "--ready", description = "Ask whether it is ready to serve, not only alive.")
  private boolean ready;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    console.print(
        out,
        console.client().get(ready ? "/health/ready" : "/health/live"),
        answer -> out.println(answer.path("status").asText("ok")));
  }
}
