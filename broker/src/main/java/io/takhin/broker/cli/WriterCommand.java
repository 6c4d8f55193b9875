package io.takhin.broker.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code takhin writer} and {@code takhin writer take-over}. */
@Command(
    name = "writer",
    description = "Shows whether a running broker may write to its prefix of the bucket.",
    subcommands = WriterCommand.TakeOver.class)
final class WriterCommand implements Runnable {
  private static final String PATH = "/api/v1/tiered/writer";

  @Mixin private ConsoleOptions console = new ConsoleOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    console.print(out, console.client().get(PATH), answer -> show(out, answer));
  }

  private static void show(PrintWriter out, JsonNode writer) {
    new TextTable("STATE", "EPOCH", "SINCE", "WRITER")
        .row(
            writer.path("state").asText(),
            writer.path("epoch").asLong(),
            writer.path("since").asText(),
            writer.path("writer_id").asText())
        .print(out);
    if (writer.path("problem").isTextual()) {
      out.println(writer.path("problem").asText());
    }
  }

  @Command(
      name = "take-over",
      mixinStandardHelpOptions = true,
      description =
          "Takes the prefix from whoever has it. Only if that one has ended for good: it stops"
              + " archiving, and each overwrites nothing of the other.")
  static final class TakeOver implements Runnable {
    @Mixin private ConsoleOptions console = new ConsoleOptions();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
      PrintWriter out = spec.commandLine().getOut();
      JsonNode answer = console.client().post(PATH + "/take-over", Map.of());
      console.print(out, answer, writer -> show(out, writer));
    }
  }
}
